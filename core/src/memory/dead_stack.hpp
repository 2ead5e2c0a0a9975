// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace kist::core {

/// How far below its caller wipe_dead_stack() reaches: no call of ours goes deeper by much.
inline constexpr std::size_t kDeadStackBytes = std::size_t{128} << 10;

/// Overwrites what calls that have returned left on this thread's stack and in the registers that
/// memcpy() moves bytes with. The dynamic linker saves these on the stack when a library calls a
/// function for the first time; parsers collect strings there. Call it when a request is over.
void wipe_dead_stack() noexcept;

}  // namespace kist::core
