// SPDX-License-Identifier: Apache-2.0
#include "failing_allocation.hpp"

#include <cerrno>
#include <cstdlib>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KIST_HAS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define KIST_HAS_SANITIZER 1
#endif
#endif

namespace kist::conformance {
namespace {

/// How many allocations of this thread are left up to the one that fails; 0: none fails.
constinit thread_local std::size_t allocations_left = 0;

}  // namespace

FailingAllocation::FailingAllocation(std::size_t number) { allocations_left = number; }
FailingAllocation::~FailingAllocation() { allocations_left = 0; }
bool FailingAllocation::has_failed() const { return allocations_left == 0; }

AllocationsSucceed::AllocationsSucceed() : left_(allocations_left) { allocations_left = 0; }
AllocationsSucceed::~AllocationsSucceed() { allocations_left = left_; }

#if defined(KIST_HAS_SANITIZER)
bool allocations_can_fail() { return false; }
#else
bool allocations_can_fail() { return true; }

namespace {

bool must_fail() noexcept {
  if (allocations_left == 0 || --allocations_left != 0) return false;
  errno = ENOMEM;
  return true;
}

}  // namespace
#endif

}  // namespace kist::conformance

#if !defined(KIST_HAS_SANITIZER)
// The functions of glibc stand behind these names too. free() stays its own.
extern "C" {
void* __libc_malloc(std::size_t size);                           // NOLINT
void* __libc_calloc(std::size_t count, std::size_t size);        // NOLINT
void* __libc_realloc(void* memory, std::size_t size);            // NOLINT
void* __libc_memalign(std::size_t alignment, std::size_t size);  // NOLINT

void* malloc(std::size_t size) noexcept {
  return kist::conformance::must_fail() ? nullptr : __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) noexcept {
  return kist::conformance::must_fail() ? nullptr : __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) noexcept {
  return kist::conformance::must_fail() ? nullptr : __libc_realloc(memory, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  return kist::conformance::must_fail() ? nullptr : __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
  void* const found = aligned_alloc(alignment, size);
  if (found == nullptr) return ENOMEM;
  *memory = found;
  return 0;
}
}
#endif
