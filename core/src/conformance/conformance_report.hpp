// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "conformance/conformance_run.hpp"

namespace kist::core {

/// What came of one rule.
struct RuleResult {
  std::string rule;
  Verdict verdict = Verdict::does_not_apply;  ///< The worst of its cases: broken, quirk,
                                              ///< not judged, holds.
  std::size_t cases = 0;                      ///< That were run.
  std::size_t failed = 0;                     ///< Of them, for whatever reason.
  std::string reason;                         ///< Of a quirk, or why no case of it applies.
};

/// In the order of docs/plugins/contract.md; rules without a case are left out.
std::vector<RuleResult> results_by_rule(std::span<const CaseResult> results);

/// For a CI that shows tests: the form that JUnit made common. A quirk and what does not apply are
/// skipped tests. `name` is that of the whole.
std::string junit_report(std::span<const CaseResult> results, const std::string& name);

}  // namespace kist::core
