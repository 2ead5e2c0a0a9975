// SPDX-License-Identifier: Apache-2.0
// What a store costs: shown in the report, and not judged, for it depends on the machine and on
// what stands behind the store.

#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "conformance/case_protocol.hpp"
#include "raw_operations.hpp"

namespace kist::conformance {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kTimes = 50;

void tell(const std::string& name, double number, const char* unit) {
  char text[64];
  std::snprintf(text, sizeof(text), "%.3g %s", number, unit);
  std::cout << core::kFigureMark << name << "\t" << text << "\n";
}

/// Of what was done `kTimes` times, in microseconds.
void tell_times(const std::string& name, std::vector<double> times) {
  std::sort(times.begin(), times.end());
  const auto tell_one = [&](const char* which, double time) {
    if (time < 1000)
      tell(name + which, time, "us");
    else
      tell(name + which, time / 1000, "ms");
  };
  tell_one(", median", times[times.size() / 2]);
  tell_one(", longest", times.back());
}

template <class What>
double microseconds(What what) {
  const auto start = Clock::now();
  what();
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

TEST_SUITE("figures") {
  TEST_CASE("KP-16: how long open and close take") {
    const RawHost host;
    const StoreHome home;
    const kist_store_table& table = *raw_type(host.table())->table;
    std::vector<double> opens, closes;
    for (std::size_t i = 0; i < kTimes; ++i) {
      RawCall call;
      kist_store* store = nullptr;
      opens.push_back(
          microseconds([&] { REQUIRE(raw_open(host.table(), home, call, &store) == KIST_OK); }));
      closes.push_back(microseconds([&] { table.close(store); }));
    }
    tell_times("open", opens);
    tell_times("close", closes);
  }

  TEST_CASE("KP-11: how long each call takes") {
    for (const RawOperation& operation : raw_operations()) {
      std::vector<double> times;
      for (std::size_t i = 0; i < kTimes; ++i) {
        OperatedStore on;
        RawCall call;
        times.push_back(microseconds([&] { CHECK(operation.run(on, call) == KIST_OK); }));
      }
      tell_times(std::string(operation.name), times);
    }
  }

  TEST_CASE("KP-13: how much memory an open store takes") {
    const RawHost host;
    const StoreHome home;
    { const RawStore warm(host, home); }  // What a plugin makes once is not the store's.
    const std::size_t before = ::mallinfo2().uordblks;
    const RawStore store(host, home);
    const std::size_t open = ::mallinfo2().uordblks;
    tell("memory of an open store", static_cast<double>(std::max(open, before) - before) / 1024,
         "KiB");
  }
}

}  // namespace
}  // namespace kist::conformance
