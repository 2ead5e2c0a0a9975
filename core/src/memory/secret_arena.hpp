// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include <kist/secret_memory.hpp>

namespace kist::core {

/// The memory of this process for secrets: OpenSSL's secure heap, which lies between guard pages,
/// is left out of core dumps, is locked where RLIMIT_MEMLOCK allows it, and where OpenSSL keeps
/// private keys too. What is too large for it, and what comes when it is full, gets guarded
/// mappings. Each thread keeps a few wiped blocks, because the heap has one lock for all.
struct SecretArena {
  std::size_t heap_bytes = 0;  ///< 0: there is none, all are guarded mappings.
  bool locked = false;         ///< The whole heap is: none of it is ever written to swap.
};

/// The heap takes half of what RLIMIT_MEMLOCK lets a process lock, in a power of two between these
/// two: the rest is for mappings. Below the first there would be too little room to be of use, and
/// it stays unlocked; with the second, 64 MiB, the largest secrets of sixty calls are there at
/// once, and no more memory is kept from swapping than a host can spare.
inline constexpr std::size_t kHeapBytesMin = std::size_t{256} << 10;
inline constexpr std::size_t kHeapBytesMax = std::size_t{64} << 20;
/// What is larger gets a mapping, since the heap rounds up to powers of two.
inline constexpr std::size_t kHeapBlockBytesMax = std::size_t{64} << 10;
/// The most that all mappings take together; behind it, allocation fails.
inline constexpr std::size_t kMappedBytesMax = std::size_t{256} << 20;
/// A block that a thread keeps is at most this large. It keeps at most kKeptBlocksMax of each power
/// of two from 64 bytes on, and half as many above kKeptManyBytesMax: 20,224 bytes a thread.
inline constexpr std::size_t kKeptBlockBytesMax = 4096, kKeptManyBytesMax = 1024;
inline constexpr std::size_t kKeptBlocksMax = 4;

/// Makes the arena, once, and lets this binary's secrets live in it from now on. Call it before
/// there are other threads. What it says stays true until the process ends, as does the arena.
const SecretArena& install_secret_arena();

/// The arena that was installed; null: none was.
const SecretArena* secret_arena() noexcept;

/// How much of the heap is in use; 0 where there is none.
std::size_t secret_heap_bytes_used() noexcept;

/// The arena's functions. Do not call them before it is installed.
const detail::SecretMemory& arena_memory() noexcept;

/// The largest power of two that the heap may have under a limit of `lockable` bytes.
std::size_t heap_bytes_within(std::size_t lockable) noexcept;

}  // namespace kist::core
