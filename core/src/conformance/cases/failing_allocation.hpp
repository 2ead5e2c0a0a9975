// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace kist::conformance {

/// Whether this program's malloc() is the one of failing_allocation.cpp. A sanitizer has its own.
bool allocations_can_fail();

/// While it lives, one allocation of this thread fails, the `number`-th from here on: malloc() and
/// all that leads to it gives null, so `new` throws. Not nested.
class FailingAllocation {
 public:
  explicit FailingAllocation(std::size_t number);
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;

  /// False: there were not so many.
  bool has_failed() const;
};

/// While it lives, no allocation of this thread fails or is counted.
class AllocationsSucceed {
 public:
  AllocationsSucceed();
  ~AllocationsSucceed();
  AllocationsSucceed(const AllocationsSucceed&) = delete;
  AllocationsSucceed& operator=(const AllocationsSucceed&) = delete;

 private:
  std::size_t left_;
};

}  // namespace kist::conformance
