// SPDX-License-Identifier: Apache-2.0
// Replaces the program's `new` and `delete`, so that what C++ frees is wiped. Secrets have types
// that do so themselves; this is for the copies that libraries make of what passes through them:
// the words of the command line, the texts of an exception, a string that outgrew its buffer.

#include <malloc.h>

#include <cstddef>
#include <cstdlib>
#include <new>

#include <kist/secret_memory.hpp>

void* operator new(std::size_t size) {
  while (true) {
    if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

// The other forms, but those for larger alignments, call these.
void operator delete(void* memory) noexcept {
  if (memory != nullptr) kist::wipe(memory, ::malloc_usable_size(memory));
  std::free(memory);
}

void operator delete(void* memory, std::size_t size) noexcept {
  if (memory != nullptr) kist::wipe(memory, size);
  std::free(memory);
}
