// SPDX-License-Identifier: Apache-2.0
#include "conformance/conformance_report.hpp"

#include <algorithm>

#include "conformance/rules.hpp"

namespace kist::core {
namespace {

bool is_worse(Verdict verdict, Verdict than) {
  constexpr Verdict order[] = {Verdict::does_not_apply, Verdict::holds, Verdict::not_judged,
                               Verdict::quirk, Verdict::broken};
  return std::ranges::find(order, verdict) > std::ranges::find(order, than);
}

void add(RuleResult& rule, const CaseResult& result) {
  if (rule.reason.empty() || is_worse(result.verdict, rule.verdict)) rule.reason = result.reason;
  if (is_worse(result.verdict, rule.verdict)) rule.verdict = result.verdict;
  if (result.verdict != Verdict::does_not_apply) ++rule.cases;
  if (is_worse(result.verdict, Verdict::holds)) ++rule.failed;
}

}  // namespace

std::vector<RuleResult> results_by_rule(std::span<const CaseResult> results) {
  std::vector<RuleResult> rules;
  for (const std::string_view name : all_rules()) {
    RuleResult rule;
    rule.rule = name;
    bool has_case = false;
    for (const CaseResult& result : results) {
      if (result.of.rule != name) continue;
      add(rule, result);
      has_case = true;
    }
    if (rule.verdict == Verdict::holds) rule.reason.clear();
    if (has_case) rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace kist::core
