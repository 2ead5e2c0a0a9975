// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iterator>
#include <map>
#include <mutex>

#include <kist/secret_memory.hpp>

namespace kist::test {

/// Memory for secrets that knows what it has given, and whether that came back as it went.
struct CountedMemory {
  static inline std::mutex mutex;
  static inline std::map<const void*, std::size_t> given;    // Guarded by mutex.
  static inline std::size_t allocations = 0, strangers = 0;  // Guarded by mutex.

  static void* allocate(std::size_t size) noexcept {
    void* const memory = detail::allocate_on_heap(size);
    const std::lock_guard lock(mutex);
    given.emplace(memory, size);
    ++allocations;
    return memory;
  }
  static void release(void* memory, std::size_t size) noexcept {
    {
      const std::lock_guard lock(mutex);
      const auto found = given.find(memory);
      if (found == given.end() || found->second != size) ++strangers;
      if (found != given.end()) given.erase(found);
    }
    detail::release_to_heap(memory, size);
  }
  static constexpr detail::SecretMemory functions{allocate, release};

  static bool holds(const void* address) {
    const std::lock_guard lock(mutex);
    const auto behind = given.upper_bound(address);
    if (behind == given.begin()) return false;
    const auto& [memory, size] = *std::prev(behind);
    return static_cast<const char*>(address) < static_cast<const char*>(memory) + size;
  }
};

}  // namespace kist::test
