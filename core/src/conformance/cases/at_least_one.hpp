// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <iostream>

#include <doctest/doctest.h>

namespace kist::testing {

/// Says nothing of what doctest tells it.
struct SilentListener : doctest::IReporter {
  void report_query(const doctest::QueryData&) override {}
  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats&) override {}
  void test_case_start(const doctest::TestCaseData&) override {}
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void test_case_end(const doctest::CurrentTestCaseStats&) override {}
  void test_case_exception(const doctest::TestCaseException&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData&) override {}
  void log_message(const doctest::MessageData&) override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}
};

/// A run whose filter fits no test case fails. CTest starts each test by its name, and a name that
/// does not arrive as it is (it cuts them at a ';') would pass forever.
struct AtLeastOne final : SilentListener {
  explicit AtLeastOne(const doctest::ContextOptions&) {}
  void test_run_end(const doctest::TestRunStats& run) override {
    if (run.numTestCasesPassingFilters > 0) return;
    std::cerr << "no test case has the name that was asked for\n";
    std::exit(EXIT_FAILURE);
  }
};

DOCTEST_REGISTER_LISTENER("at_least_one", 1, AtLeastOne);

}  // namespace kist::testing
