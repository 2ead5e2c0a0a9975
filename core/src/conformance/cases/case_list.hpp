// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>

#include <doctest/doctest.h>

#include "at_least_one.hpp"

namespace kist::conformance {

/// `--reporters=cases --list-test-cases` prints a line for each: its group, a tab, its name.
struct CaseList final : testing::SilentListener {
  explicit CaseList(const doctest::ContextOptions& options) : out_(*options.cout) {}
  void report_query(const doctest::QueryData& query) override {
    for (unsigned i = 0; i < query.num_data; ++i)
      out_ << query.data[i]->m_test_suite << "\t" << query.data[i]->m_name << "\n";
  }

 private:
  std::ostream& out_;
};

DOCTEST_REGISTER_REPORTER("cases", 1, CaseList);

}  // namespace kist::conformance
