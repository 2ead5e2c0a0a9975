// SPDX-License-Identifier: Apache-2.0
#include "memory/secret_arena.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <memory_resource>
#include <mutex>
#include <new>

#include <openssl/crypto.h>

#include "memory/guarded_mappings.hpp"
#include "memory/kept_blocks.hpp"

namespace kist::core {
namespace {

constexpr std::size_t kBlockBytesMin = 64;
/// When the heap is full, blocks up to this size share mappings.
constexpr std::size_t kPooledBytesMax = std::size_t{16} << 10;
constexpr std::size_t kPooledBlocksMax = 64;  // In one mapping.

/// Lives from install_secret_arena() to the end of the process: secrets outlive static objects.
struct Arena {
  SecretArena state;
  GuardedMappings mappings{kMappedBytesMax};
  std::mutex mutex;
  std::pmr::unsynchronized_pool_resource pools{// Guarded by mutex.
                                               {kPooledBlocksMax, kPooledBytesMax},
                                               &mappings};
};
constinit Arena* arena = nullptr;

void* allocate_pooled(std::size_t size) {
  const std::lock_guard lock(arena->mutex);
  return arena->pools.allocate(size);
}

void* allocate_block(std::size_t size) noexcept {
  try {
    // Without a place in the source, OpenSSL notes no error when its heap is full.
    void* const block = arena->state.heap_bytes == 0 || size > kHeapBlockBytesMax
                            ? nullptr
                            : ::CRYPTO_secure_malloc(size, nullptr, 0);
    if (block != nullptr) return block;
    return size <= kPooledBytesMax ? allocate_pooled(size) : arena->mappings.allocate(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void release_block(void* block, std::size_t size) noexcept {
  if (::CRYPTO_secure_allocated(block) == 1) {
    ::CRYPTO_secure_free(block, nullptr, 0);  // Wipes it.
  } else if (size <= kPooledBytesMax) {
    wipe(block, size);
    const std::lock_guard lock(arena->mutex);
    arena->pools.deallocate(block, size);
  } else {
    arena->mappings.deallocate(block, size);
  }
}

using Kept = KeptBlocks<kBlockBytesMin, kKeptManyBytesMax, kKeptBlockBytesMax, kKeptBlocksMax>;
enum class KeptStage : std::uint8_t { not_yet, open, closed };
// Both without a destructor: the thread's last secrets may be freed after its objects are gone.
constinit thread_local Kept kept;
constinit thread_local KeptStage kept_stage = KeptStage::not_yet;

struct KeptUntilThreadEnds {
  KeptUntilThreadEnds() { kept_stage = KeptStage::open; }
  ~KeptUntilThreadEnds() {
    kept_stage = KeptStage::closed;
    kept.clear(release_block);
  }
};

bool keeps_blocks() noexcept {
  if (kept_stage == KeptStage::not_yet) [[unlikely]] {
    thread_local const KeptUntilThreadEnds until_thread_ends;
  }
  return kept_stage == KeptStage::open;
}

void* allocate(std::size_t size) noexcept {
  if (!Kept::takes(size)) return allocate_block(size);
  if (keeps_blocks()) {
    if (void* const block = kept.take(size)) return block;
  }
  return allocate_block(Kept::block_bytes(size));
}

void release(void* memory, std::size_t size) noexcept {
  if (memory == nullptr) return;
  if (!Kept::takes(size)) return release_block(memory, size);
  wipe(memory, size);
  if (keeps_blocks() && kept.keep(memory, size)) return;
  release_block(memory, Kept::block_bytes(size));
}

std::size_t lockable_bytes() noexcept {
  struct rlimit limit {};
  if (::getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return 0;
  return std::min<std::uint64_t>(limit.rlim_cur, std::numeric_limits<std::size_t>::max());
}

SecretArena make_heap() noexcept {
  const std::size_t bytes = heap_bytes_within(lockable_bytes());
  const int made = ::CRYPTO_secure_malloc_init(bytes, kBlockBytesMin);
  if (made == 0) return {};
  // One block stays for ever. OpenSSL unmaps a heap that is empty when the process ends, before the
  // last secrets are freed; and to split an empty one anew costs a microsecond.
  static_cast<void>(::CRYPTO_secure_malloc(kBlockBytesMin, nullptr, 0));
  return {bytes, made == 1};  // 2: it could not be locked.
}

}  // namespace

std::size_t heap_bytes_within(std::size_t lockable) noexcept {
  return std::clamp(std::bit_floor(lockable / 2), kHeapBytesMin, kHeapBytesMax);
}

std::size_t secret_heap_bytes_used() noexcept {
  // OpenSSL counts with a lock that it makes with the heap.
  return ::CRYPTO_secure_malloc_initialized() == 1 ? ::CRYPTO_secure_used() : 0;
}

const detail::SecretMemory& arena_memory() noexcept {
  static constexpr detail::SecretMemory memory{allocate, release};
  return memory;
}

const SecretArena& install_secret_arena() {
  if (arena == nullptr) {
    arena = new Arena;
    arena->state = make_heap();
    detail::use_secret_memory(arena_memory());
  }
  return arena->state;
}

const SecretArena* secret_arena() noexcept { return arena == nullptr ? nullptr : &arena->state; }

}  // namespace kist::core
