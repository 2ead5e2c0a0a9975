// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <memory_resource>

namespace kist::core {

/// Memory of whole pages, each piece a mapping of its own between two pages that nobody may touch,
/// its end as close to the second as its alignment lets it be. Left out of core dumps, locked where
/// RLIMIT_MEMLOCK leaves room, wiped before it goes. Threads: any number.
/// Errors: allocate() throws std::bad_alloc when the sum of all pieces would pass `bytes_max`, or
/// the system has no more. Alignments go up to a page.
class GuardedMappings final : public std::pmr::memory_resource {
 public:
  explicit GuardedMappings(std::size_t bytes_max) : bytes_max_(bytes_max) {}

 private:
  void* do_allocate(std::size_t size, std::size_t alignment) override;
  void do_deallocate(void* memory, std::size_t size, std::size_t alignment) override;
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    return this == &other;
  }

  const std::size_t bytes_max_;
  std::atomic<std::size_t> bytes_ = 0;  // Of all pieces, in whole pages, without their guards.
};

}  // namespace kist::core
