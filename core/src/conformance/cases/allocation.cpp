// SPDX-License-Identifier: Apache-2.0
// Calls in which memory runs out: at the first, the second, … allocation that the plugin makes on
// the thread of the call. It must say so, and must not end the process.

#include <iostream>
#include <string>

#include <doctest/doctest.h>

#include "at_least_one.hpp"
#include "failing_allocation.hpp"
#include "process_gauge.hpp"
#include "raw_operations.hpp"

namespace kist::conformance {
namespace {

/// Far more than any operation on one small secret needs.
constexpr std::size_t kAllocationsMax = 20'000;

/// What is being tried, for a process that does not survive it.
struct Attempt {
  std::string_view operation;
  std::size_t number = 0;
};
constinit Attempt attempt;

struct AttemptListener final : testing::SilentListener {
  explicit AttemptListener(const doctest::ContextOptions&) {}
  void test_case_exception(const doctest::TestCaseException& exception) override {
    if (exception.is_crash && attempt.number != 0)
      std::cout << "allocation " << attempt.number << " of the " << attempt.operation
                << " had failed\n";
  }
};
DOCTEST_REGISTER_LISTENER("allocation", 2, AttemptListener);

/// Calls `run(number)` for 1, 2, …, until it says that there is no such allocation.
template <class Run>
void fail_each_allocation(std::string_view operation, Run run) {
  attempt = {operation, 1};
  while (run(attempt.number)) {
    ++attempt.number;
    REQUIRE(attempt.number < kAllocationsMax);
  }
  attempt = {};
}

/// What is said must be true: done, not done, or that nobody knows.
void check_told_truly(OperatedStore& on, const RawOperation& operation, kist_status status,
                      const RawCall& call, const std::string& before) {
  const std::string after = on.state();
  if (status == KIST_OK && operation.writes) {
    CHECK(after != before);
    return;
  }
  if (status != KIST_OK) CHECK(call.failed_with == status);
  if (status != KIST_INDETERMINATE) CHECK(after == before);
}

TEST_SUITE("allocation") {
  TEST_CASE("KP-4: a call survives that any allocation fails, and tells truly what it has done") {
    KIST_APPLIES_IF(allocations_can_fail(), "cannot be tried under a sanitizer");
    for (const RawOperation& operation : raw_operations()) {
      CAPTURE(operation.name);
      fail_each_allocation(operation.name, [&](std::size_t number) {
        CAPTURE(number);
        OperatedStore on;
        const std::string before = on.state();
        RawCall call;
        call.failing_allocation = number;
        const kist_status status = operation.run(on, call);
        CAPTURE(status);
        check_told_truly(on, operation, status, call, before);
        return call.allocation_has_failed;
      });
    }
  }

  TEST_CASE("KP-4: an open survives that any allocation fails, and leaves nothing behind") {
    KIST_APPLIES_IF(allocations_can_fail(), "cannot be tried under a sanitizer");
    const RawHost host;
    { const OperatedStore warm; }  // What a plugin makes once, it has made.
    const ProcessGauge before = ProcessGauge::read();
    fail_each_allocation("open", [&](std::size_t number) {
      CAPTURE(number);
      const StoreHome home;
      RawCall call;
      call.failing_allocation = number;
      kist_store* store = nullptr;
      const kist_status status = raw_open(host.table(), home, call, &store);
      CHECK((status == KIST_OK) == (store != nullptr));
      CHECK(call.failed_with == status);
      if (store != nullptr) raw_type(host.table())->table->close(store);
      return call.allocation_has_failed;
    });
    const ProcessGauge after = ProcessGauge::read();
    CHECK(after.descriptors == before.descriptors);
    CHECK(after.threads == before.threads);
  }
}

}  // namespace
}  // namespace kist::conformance
