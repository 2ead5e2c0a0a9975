// SPDX-License-Identifier: Apache-2.0
#include "conformance/rules.hpp"

#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace kist::core;

namespace {

/// The first cell of each row whose rule has a number, in the order of the page.
std::vector<std::string> rules_of_page() {
  std::ifstream page(KIST_CONTRACT_PAGE);
  REQUIRE(page);
  std::vector<std::string> rules;
  for (std::string line; std::getline(page, line);) {
    for (const char* const letters : {"| ST-", "| FL-", "| KP-"}) {
      if (line.starts_with(letters)) rules.push_back(line.substr(2, line.find(" |", 2) - 2));
    }
  }
  return rules;
}

}  // namespace

TEST_SUITE("conformance/rules") {
  TEST_CASE("the rules are those of docs/plugins/contract.md, in its order") {
    const std::vector<std::string> rules(all_rules().begin(), all_rules().end());
    CHECK(rules.size() > 50);
    CHECK(rules == rules_of_page());
  }

  TEST_CASE("a rule is known by its whole number") {
    for (const auto rule : all_rules()) CHECK(is_rule(rule));
    for (const char* const word : {"", "ST", "ST-", "ST-0", "st-1", "ST-1 ", "KP-99", "race"}) {
      CAPTURE(word);
      CHECK(!is_rule(word));
    }
  }
}
