// SPDX-License-Identifier: Apache-2.0
#include "memory/dead_stack.hpp"

#include <array>
#include <cstring>

#include <kist/secret_memory.hpp>

namespace kist::core {

// Inlined, it would be its caller's own frame that is wiped.
[[gnu::noinline]] void wipe_dead_stack() noexcept {
  std::array<char, kDeadStackBytes> dead;
  wipe(dead.data(), dead.size());
  // memcpy() itself knows which registers it uses for which size, on which machine.
  constexpr std::size_t copied_bytes_max = 16384;
  for (std::size_t size = 8; size <= copied_bytes_max; size *= 2) {
    std::memcpy(dead.data(), dead.data() + dead.size() / 2, size);
    __asm__ __volatile__("" : : "r"(dead.data()) : "memory");
  }
}

}  // namespace kist::core
