// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace kist {

/// Overwrites memory with zeros, also where the compiler sees that nobody reads it again.
inline void wipe(void* memory, std::size_t size) noexcept {
  if (size == 0) return;
  std::memset(memory, 0, size);
  __asm__ __volatile__("" : : "r"(memory) : "memory");
}

namespace detail {

/// Where secret bytes live. Threads: any number, until the process ends.
struct SecretMemory {
  /// At least `size` bytes, aligned for any object; null: there are none left.
  void* (*allocate)(std::size_t size) noexcept;
  /// Wipes what allocate() gave for this `size`, and takes it back. Null is no memory.
  void (*release)(void* memory, std::size_t size) noexcept;
};

inline void* allocate_on_heap(std::size_t size) noexcept {
  if (size > PTRDIFF_MAX) return nullptr;  // No object is larger.
  return std::malloc(size == 0 ? 1 : size);
}

inline void release_to_heap(void* memory, std::size_t size) noexcept {
  if (memory != nullptr) wipe(memory, size);
  std::free(memory);
}

inline constexpr SecretMemory kHeap{allocate_on_heap, release_to_heap};

/// What new secret bytes are allocated from: the heap, until use_secret_memory(). Hidden, so that
/// each binary has its own: the host's is the host's choice, and a plugin's is made by KIST_PLUGIN.
/// A DLL has its own of everything.
#if !defined(_WIN32)
[[gnu::visibility("hidden")]]
#endif
inline constinit std::atomic<const SecretMemory*>
    secret_memory{&kHeap};

/// Changes where this binary allocates from now on; what is allocated stays where it is. `memory`
/// is borrowed for ever.
inline void use_secret_memory(const SecretMemory& memory) noexcept {
  secret_memory.store(&memory, std::memory_order_release);
}

}  // namespace detail
}  // namespace kist
