// SPDX-License-Identifier: Apache-2.0
#include "conformance/attribution.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kist::core {
namespace {

struct Dependency {
  std::string_view of;  ///< A rule, or a group of cases.
  std::vector<std::string_view> rests_on;
};

/// Each stands behind those that it rests on.
const std::vector<Dependency>& dependencies() {
  static const std::vector<Dependency> kDependencies = {
      // A store that other processes open, or that is opened again.
      {"ST-3", {"ST-2", "ST-4", "ST-19"}},
      {"ST-5", {"ST-19"}},
      {"ST-9", {"ST-19"}},
      {"ST-14", {"ST-10", "ST-19"}},
      {"ST-16", {"ST-5", "ST-9", "ST-19"}},
      // What they do to see theirs.
      {"ST-6", {"ST-5", "ST-15"}},
      {"ST-8", {"FL-2", "FL-4", "FL-5", "FL-7"}},
      {"ST-11", {"ST-10"}},
      {"ST-13", {"ST-14"}},
      {"ST-18", {"ST-2", "ST-4", "ST-12", "ST-13", "ST-15", "ST-17"}},
      {"KP-5", {"ST-1", "ST-10"}},
      {"KP-7", {"ST-1", "ST-10", "ST-13", "ST-15", "KP-5", "KP-8"}},
      {"KP-13", {"ST-6"}},
      {"KP-14", {"ST-17"}},
      {"KP-15", {"ST-4", "ST-18"}},
      // What a call must do when it is cut short, and leave nothing behind.
      {"KP-4", {"KP-13", "KP-17"}},
      {"KP-11", {"ST-17", "KP-13", "KP-16"}},
      // All operations at once.
      {"model",
       {"ST-1", "ST-2", "ST-4", "ST-5", "ST-10", "ST-11", "ST-12", "ST-13", "ST-14", "ST-15",
        "ST-19"}}};
  return kDependencies;
}

bool has_failed(const CaseResult& result) {
  return result.verdict == Verdict::broken || result.verdict == Verdict::quirk;
}

bool is_about(const Dependency& dependency, const CaseResult& result) {
  return dependency.of == result.of.rule || dependency.of == result.of.group;
}

/// Cases with a lower one are judged first. 0: it rests on nothing.
std::size_t rank(const CaseResult& result) {
  std::size_t rank = 0, position = 0;
  for (const Dependency& dependency : dependencies()) {
    ++position;
    if (is_about(dependency, result)) rank = position;
  }
  return rank;
}

using Rules = std::set<std::string, std::less<>>;

/// The first rule of `failed` that the case rests on; empty: none.
std::string_view cause(const CaseResult& result, const Rules& failed) {
  for (const Dependency& dependency : dependencies()) {
    if (!is_about(dependency, result)) continue;
    for (const std::string_view rule : dependency.rests_on)
      if (rule != result.of.rule && failed.contains(rule)) return rule;
  }
  return {};
}

}  // namespace

void attribute_failures(std::vector<CaseResult>& results) {
  std::vector<CaseResult*> in_order;
  for (CaseResult& result : results)
    if (has_failed(result)) in_order.push_back(&result);
  std::ranges::stable_sort(in_order, {}, [](const CaseResult* result) { return rank(*result); });
  Rules failed;
  for (CaseResult* const result : in_order) {
    const std::string_view rule = cause(*result, failed);
    if (!rule.empty()) {
      result->verdict = Verdict::not_judged;
      result->reason = "it rests on " + std::string(rule) + ", which does not hold";
    }
    failed.insert(result->of.rule);
  }
}

}  // namespace kist::core
