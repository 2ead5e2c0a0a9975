// SPDX-License-Identifier: Apache-2.0
#include "cli/conformance_output.hpp"

#include <algorithm>
#include <cstdio>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "cli/json_output.hpp"
#include "cli/table.hpp"
#include "text/printable.hpp"

namespace kist::cli {
namespace {

using core::Verdict;

/// A word as a shell takes it.
std::string quoted(const std::string& word) {
  const bool is_plain = !word.empty() && std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-./=:").find(c) != std::string_view::npos;
  });
  if (is_plain) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// The command that runs this case again, and no other.
std::string repeat_command(const core::ConformanceSettings& settings,
                           const core::ConformanceCase& wanted) {
  std::string command = "kist plugin test " + quoted(settings.plugin.native());
  if (!settings.configuration.empty())
    command += " --config " + quoted(settings.configuration.native());
  return command + " --seed " + std::to_string(settings.seed) + " --only " + quoted(wanted.name);
}

std::string rules_table(const ConformanceOutcome& outcome) {
  Table table({"RULE", "VERDICT", "CASES", ""});
  for (const core::RuleResult& rule : core::results_by_rule(outcome.results)) {
    const std::string cases = rule.failed == 0 ? std::to_string(rule.cases)
                                               : std::to_string(rule.failed) + " of " +
                                                     std::to_string(rule.cases) + " fail";
    table.row({rule.rule, std::string(to_string(rule.verdict)), cases, rule.reason});
  }
  return table.text();
}

std::string cases_table(const ConformanceOutcome& outcome) {
  Table table({"VERDICT", "TIME", "GROUP", "CASE"});
  for (const core::CaseResult& result : outcome.results)
    table.row({std::string(to_string(result.verdict)), std::to_string(result.time.count()) + " ms",
               result.of.group, result.of.name});
  return table.text();
}

std::string figures_table(const ConformanceOutcome& outcome) {
  Table table({"FIGURE", ""});
  bool has_one = false;
  for (const core::CaseResult& result : outcome.results) {
    for (const auto& [name, text] : result.figures) {
      table.row({name, text});
      has_one = true;
    }
  }
  return has_one ? table.text() + "\n" : "";
}

std::string indented(std::string_view output) {
  std::string text;
  while (!output.empty()) {
    const std::size_t end = std::min(output.find('\n'), output.size());
    const std::string_view line = output.substr(0, end);
    output.remove_prefix(std::min(end + 1, output.size()));
    if (line.empty() || line.starts_with("=====") || line.starts_with("[doctest]")) continue;
    text += "  " + core::printable(line, 4096) + "\n";
  }
  return text;
}

std::string failures_text(const ConformanceOutcome& outcome) {
  std::string text;
  for (const core::CaseResult& result : outcome.results) {
    if (result.verdict != Verdict::broken) continue;
    text += "BROKEN  " + result.of.name + "\n  " + core::printable(result.reason, 4096) + "\n" +
            indented(result.output) + "  repeat: " + repeat_command(outcome.settings, result.of) +
            "\n\n";
  }
  return text;
}

std::string summary(const ConformanceOutcome& outcome) {
  std::size_t rules[5] = {};
  for (const core::RuleResult& rule : core::results_by_rule(outcome.results))
    ++rules[static_cast<std::size_t>(rule.verdict)];
  const auto number = [&](Verdict verdict) {
    return std::to_string(rules[static_cast<std::size_t>(verdict)]);
  };
  return "rules: " + number(Verdict::holds) + " hold, " + number(Verdict::quirk) +
         " declared as quirks, " + number(Verdict::does_not_apply) + " do not apply, " +
         number(Verdict::not_judged) + " not judged, " + number(Verdict::broken) + " broken; " +
         std::to_string(outcome.results.size()) + " cases, seed " +
         std::to_string(outcome.settings.seed) + "\n";
}

}  // namespace

std::size_t ConformanceOutcome::count(Verdict verdict) const {
  return static_cast<std::size_t>(
      std::ranges::count(results, verdict, [](const auto& result) { return result.verdict; }));
}

std::string conformance_text(const ConformanceOutcome& outcome, bool each) {
  std::string text = (each ? cases_table(outcome) + "\n" : "") + rules_table(outcome) + "\n" +
                     figures_table(outcome) + failures_text(outcome);
  for (const std::string& rule : outcome.idle_quirks)
    text += "the quirk of " + rule + " is not needed: it holds\n";
  return text + summary(outcome);
}

boost::json::value conformance_document(const ConformanceOutcome& outcome) {
  boost::json::array rules, cases;
  for (const core::RuleResult& rule : core::results_by_rule(outcome.results))
    rules.push_back({{"rule", rule.rule},
                     {"verdict", to_string(rule.verdict)},
                     {"cases", rule.cases},
                     {"failed", rule.failed},
                     {"reason", json_text(rule.reason)}});
  for (const core::CaseResult& result : outcome.results) {
    boost::json::object row{{"group", result.of.group},
                            {"rule", result.of.rule},
                            {"name", result.of.name},
                            {"verdict", to_string(result.verdict)},
                            {"reason", json_text(result.reason)},
                            {"time_ms", result.time.count()}};
    if (result.verdict == Verdict::broken) {
      row["output"] = json_text(result.output);
      row["repeat"] = json_text(repeat_command(outcome.settings, result.of));
    }
    boost::json::object figures;
    for (const auto& [name, text] : result.figures) figures[name] = json_text(text);
    if (!figures.empty()) row["figures"] = std::move(figures);
    cases.push_back(std::move(row));
  }
  return {{"plugin", json_text(outcome.settings.plugin.native())},
          {"id", outcome.manifest.id},
          {"version", json_text(outcome.manifest.version)},
          {"seed", outcome.settings.seed},
          {"conforms", outcome.count(Verdict::broken) == 0},
          {"rules", std::move(rules)},
          {"cases", std::move(cases)}};
}

}  // namespace kist::cli
