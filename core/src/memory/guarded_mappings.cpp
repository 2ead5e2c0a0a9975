// SPDX-License-Identifier: Apache-2.0
#include "memory/guarded_mappings.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <new>

#include <kist/secret_memory.hpp>

namespace kist::core {
namespace {

std::size_t page_bytes() noexcept {
  static const auto bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return bytes;
}

constexpr std::size_t down_to(std::size_t multiple, std::size_t number) {
  return number - number % multiple;
}

std::size_t whole_pages(std::size_t size) noexcept {
  return down_to(page_bytes(), size + page_bytes() - 1);
}

/// Null: the system has none.
char* map(std::size_t bytes) noexcept {
  const std::size_t page = page_bytes();
  void* const mapping =
      ::mmap(nullptr, bytes + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) return nullptr;
  char* const first = static_cast<char*>(mapping) + page;
  if (::mprotect(first, bytes, PROT_READ | PROT_WRITE) != 0 ||
      ::madvise(first, bytes, MADV_DONTDUMP) != 0) {
    ::munmap(mapping, bytes + 2 * page);
    return nullptr;
  }
  // Pages are locked when they are first touched. Memory that cannot be is better than none.
  static_cast<void>(::mlock2(first, bytes, MLOCK_ONFAULT));
  return first;
}

}  // namespace

void* GuardedMappings::do_allocate(std::size_t size, std::size_t alignment) {
  if (size > bytes_max_) throw std::bad_alloc();
  size = std::max<std::size_t>(size, 1);
  const std::size_t bytes = whole_pages(size);
  if (bytes_.fetch_add(bytes) + bytes > bytes_max_) {
    bytes_ -= bytes;
    throw std::bad_alloc();
  }
  char* const first = map(bytes);
  if (first == nullptr) {
    bytes_ -= bytes;
    throw std::bad_alloc();
  }
  return first + down_to(alignment, bytes - size);
}

void GuardedMappings::do_deallocate(void* memory, std::size_t size, std::size_t) {
  const std::size_t page = page_bytes();
  const std::size_t bytes = whole_pages(std::max<std::size_t>(size, 1));
  wipe(memory, size);
  // It begins in the first page behind the guard.
  const std::size_t offset = reinterpret_cast<std::uintptr_t>(memory) % page;
  ::munmap(static_cast<char*>(memory) - offset - page, bytes + 2 * page);
  bytes_ -= bytes;
}

}  // namespace kist::core
