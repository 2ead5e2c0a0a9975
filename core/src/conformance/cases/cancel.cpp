// SPDX-License-Identifier: Apache-2.0
// Calls whose caller gives up while they run: at the first, the second, … time that the plugin
// calls the host. ST-17 of calls that have no time from the start is in abi.cpp and always.cpp.

#include <chrono>

#include <doctest/doctest.h>

#include "process_gauge.hpp"
#include "raw_operations.hpp"

namespace kist::conformance {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kGrace{250};  // ST-17
/// Far more often than any operation on one small secret calls the host.
constexpr std::size_t kHostCallsMax = 1000;

/// How a call ends of which the caller gives up.
struct End {
  std::size_t RawCall::*at;  ///< Which member of the call makes it end so.
  kist_status status;
};
constexpr End kCancelled{&RawCall::cancel_at, KIST_CANCELLED};
constexpr End kExpired{&RawCall::expire_at, KIST_DEADLINE_EXCEEDED};

/// What is said must be true: done, not done, or that nobody knows.
void check_told_truly(OperatedStore& on, const RawOperation& operation, kist_status status,
                      const End& end, const std::string& before) {
  const bool has_changed = on.state() != before;
  if (status == KIST_OK) {
    CHECK(has_changed == operation.writes);
  } else if (status == KIST_INDETERMINATE) {
    CHECK(operation.writes);
  } else {
    CHECK(status == end.status);
    CHECK(!has_changed);
  }
}

/// Until an operation ends before it calls the host so often.
void end_at_each_host_call(const End& end) {
  for (const RawOperation& operation : raw_operations()) {
    CAPTURE(operation.name);
    std::size_t at = 1;
    for (bool is_over = false; !is_over; ++at) {
      REQUIRE(at < kHostCallsMax);
      CAPTURE(at);
      OperatedStore on;
      const std::string before = on.state();
      RawCall call;
      call.*end.at = at;
      const auto start = Clock::now();
      const kist_status status = operation.run(on, call);
      CHECK(Clock::now() - start < kGrace);
      check_told_truly(on, operation, status, end, before);
      is_over = call.host_calls < at;
    }
  }
}

void open_at_each_host_call(const End& end) {
  const RawHost host;
  { const OperatedStore warm; }  // What a plugin makes once, it has made.
  const ProcessGauge before = ProcessGauge::read();
  std::size_t at = 1;
  for (bool is_over = false; !is_over; ++at) {
    REQUIRE(at < kHostCallsMax);
    CAPTURE(at);
    const StoreHome home;
    RawCall call;
    call.*end.at = at;
    kist_store* store = nullptr;
    const auto start = Clock::now();
    const kist_status status = raw_open(host.table(), home, call, &store);
    CHECK(Clock::now() - start < kGrace);
    CHECK((status == KIST_OK || status == end.status));
    CHECK((status == KIST_OK) == (store != nullptr));
    if (store != nullptr) raw_type(host.table())->table->close(store);
    is_over = call.host_calls < at;
  }
  CHECK(ProcessGauge::read() == before);
}

TEST_SUITE("cancel") {
  TEST_CASE("KP-11: a call that is cancelled while it runs returns in time, and tells truly") {
    end_at_each_host_call(kCancelled);
  }

  TEST_CASE("KP-11: a call whose time is up while it runs returns in time, and tells truly") {
    end_at_each_host_call(kExpired);
  }

  TEST_CASE("KP-11: an open that is cancelled while it runs returns, and leaves nothing behind") {
    open_at_each_host_call(kCancelled);
  }

  TEST_CASE("KP-11: an open whose time is up while it runs returns, and leaves nothing behind") {
    open_at_each_host_call(kExpired);
  }

  TEST_CASE("ST-17: no operation is done for a caller who has given up before") {
    for (const RawOperation& operation : raw_operations()) {
      CAPTURE(operation.name);
      OperatedStore on;
      const std::string before = on.state();
      RawCall cancelled, late;
      cancelled.is_cancelled = true;
      CHECK(operation.run(on, cancelled) == KIST_CANCELLED);
      late.deadline_ns = 1;
      CHECK(operation.run(on, late) == KIST_DEADLINE_EXCEEDED);
      CHECK(on.state() == before);
    }
  }
}

}  // namespace
}  // namespace kist::conformance
