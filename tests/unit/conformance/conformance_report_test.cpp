// SPDX-License-Identifier: Apache-2.0
#include "conformance/conformance_report.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace kist::core;

namespace {

CaseResult result_of(const std::string& rule, Verdict verdict, const std::string& reason = "") {
  CaseResult result;
  result.of = {"group", rule, rule + ": a case"};
  result.verdict = verdict;
  result.reason = reason;
  return result;
}

RuleResult rule_of(const std::vector<CaseResult>& results) {
  const auto rules = results_by_rule(results);
  REQUIRE(rules.size() == 1);
  return rules.front();
}

}  // namespace

TEST_SUITE("conformance/conformance_report") {
  TEST_CASE("a rule is as bad as the worst of its cases, and has that one's reason") {
    const auto holds = result_of("ST-1", Verdict::holds);
    const auto passed_over = result_of("ST-1", Verdict::does_not_apply, "not here");
    const auto quirk = result_of("ST-1", Verdict::quirk, "as declared");
    const auto broken = result_of("ST-1", Verdict::broken, "how");
    CHECK(rule_of({passed_over}).verdict == Verdict::does_not_apply);
    CHECK(rule_of({passed_over}).reason == "not here");
    CHECK(rule_of({passed_over}).cases == 0);
    CHECK(rule_of({passed_over, holds}).verdict == Verdict::holds);
    CHECK(rule_of({passed_over, holds}).reason.empty());
    CHECK(rule_of({passed_over, holds}).cases == 1);
    const RuleResult declared = rule_of({quirk, holds, passed_over});
    CHECK(declared.verdict == Verdict::quirk);
    CHECK(declared.reason == "as declared");
    CHECK(declared.cases == 2);
    CHECK(declared.failed == 1);
    const RuleResult worst = rule_of({holds, quirk, broken, holds});
    CHECK(worst.verdict == Verdict::broken);
    CHECK(worst.reason == "how");
    CHECK(worst.cases == 4);
    CHECK(worst.failed == 2);
  }

  TEST_CASE("rules come in the order of the contract, and those without a case not at all") {
    const auto rules = results_by_rule(
        std::vector{result_of("KP-2", Verdict::holds), result_of("ST-10", Verdict::holds),
                    result_of("ST-2", Verdict::holds), result_of("FL-1", Verdict::holds)});
    std::string text;
    for (const RuleResult& rule : rules) text += rule.rule + " ";
    CHECK(text == "ST-2 ST-10 FL-1 KP-2 ");
  }
}
