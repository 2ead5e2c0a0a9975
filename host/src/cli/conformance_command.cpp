// SPDX-License-Identifier: Apache-2.0
#include "cli/conformance_command.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>

#include "cli/configured.hpp"
#include "cli/conformance_output.hpp"
#include "cli/json_output.hpp"
#include "cli/progress.hpp"
#include "cli/standard_streams.hpp"
#include "cli/table.hpp"
#include "conformance/attribution.hpp"
#include "conformance/rules.hpp"
#include "conformance/test_configuration.hpp"
#include "loader/plugin_file.hpp"
#include "secrets/error_table.hpp"
#include "text/printable.hpp"
#include "text/suggestion.hpp"

namespace kist::cli {
namespace {

namespace fs = std::filesystem;
using core::Verdict;

constexpr std::size_t kJobsMax = 64;

std::optional<std::uint64_t> number_argument(const Arguments& arguments, std::string_view name,
                                             std::uint64_t min, std::uint64_t max) {
  const auto text = arguments.one(name);
  if (!text) return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc{} || end != text->data() + text->size() || number < min || number > max)
    throw UsageError("--" + std::string(name) + " is " + core::in_quotes(*text, 64) +
                     "; expected a whole number from " + std::to_string(min) + " to " +
                     std::to_string(max));
  return number;
}

/// Where the installed kit is, and that of a build tree.
fs::path kit_program() {
  const fs::path program =
      (directory_of_program() / "../libexec/kist/kist-conformance").lexically_normal();
  std::error_code error;
  if (!fs::exists(program, error))
    throw Error(ErrorCode::not_found, "the conformance kit is not installed: there is no " +
                                          core::in_quotes(program.native(), 4096));
  return program;
}

core::ConformanceSettings settings_of(const Session& session, const Arguments& arguments) {
  core::ConformanceSettings settings;
  settings.program = kit_program();
  settings.plugin = arguments.words.front();
  if (session.config) settings.configuration = *session.config;
  if (!settings.configuration.empty())
    settings.quirks = core::read_test_configuration(settings.configuration, session.environment,
                                                    "/nonexistent/kist_test")
                          .quirks;
  const auto only = arguments.all("only");
  settings.only.assign(only.begin(), only.end());
  settings.seed = static_cast<std::uint32_t>(
      number_argument(arguments, "seed", 0, UINT32_MAX).value_or(std::random_device()()));
  const std::uint64_t processors = std::clamp(std::thread::hardware_concurrency(), 1U, 64U);
  settings.jobs = static_cast<std::size_t>(
      number_argument(arguments, "jobs", 1, kJobsMax).value_or(processors));
  if (const auto limit = number_argument(arguments, "time-limit", 1, 86'400))
    settings.time_limit = std::chrono::seconds(*limit);
  settings.interrupt = session.interrupts.fd();
  return settings;
}

void write_junit(const std::string& path, const ConformanceOutcome& outcome) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << core::junit_report(outcome.results, "kist plugin test " + outcome.manifest.id);
  file.close();
  if (!file)
    throw Error(ErrorCode::unavailable, "cannot write the report " + core::in_quotes(path, 4096));
}

/// Of those rules and cases that were run.
std::vector<std::string> idle_quirks(const core::ConformanceSettings& settings,
                                     const std::vector<core::CaseResult>& results) {
  std::vector<std::string> idle;
  for (const core::RuleResult& rule : core::results_by_rule(results)) {
    if (rule.verdict == Verdict::holds && settings.quirks.contains(rule.rule))
      idle.push_back(rule.rule);
  }
  for (const core::CaseResult& result : results) {
    if (result.verdict == Verdict::holds && settings.quirks.contains(result.of.name))
      idle.push_back("'" + result.of.name + "'");
  }
  return idle;
}

/// A quirk of a case that there is not would hide nothing, and be believed to.
void check_quirks(const core::ConformanceSettings& settings,
                  const std::vector<core::ConformanceCase>& all) {
  std::vector<std::string_view> names;
  for (const core::ConformanceCase& one : all) names.push_back(one.name);
  for (const auto& [key, reason] : settings.quirks) {
    if (core::is_rule(key) || std::ranges::find(names, key) != names.end()) continue;
    const auto guess = core::nearest(key, names);
    throw Error(ErrorCode::invalid_argument,
                settings.configuration.native() + ": quirks: there is no case " +
                    core::in_quotes(key, 256) +
                    (guess ? "; did you mean " + core::in_quotes(*guess, 256) + "?"
                           : "; kist plugin test FILE --list shows them"));
  }
}

int list_cases(const Session& session, const std::vector<core::ConformanceCase>& cases) {
  if (session.json()) {
    boost::json::array rows;
    for (const core::ConformanceCase& one : cases)
      rows.push_back({{"group", one.group}, {"rule", one.rule}, {"name", one.name}});
    write_json(std::move(rows));
    return 0;
  }
  Table table({"GROUP", "RULE", "CASE"});
  for (const core::ConformanceCase& one : cases) table.row({one.group, one.rule, one.name});
  write_output(table.text());
  return 0;
}

int test(Session& session, const Arguments& arguments) {
  const core::ConformanceSettings settings = settings_of(session, arguments);
  const auto all = core::conformance_cases(settings.program);
  const auto cases = chosen_cases(all, settings.only);
  if (arguments.has("list")) return list_cases(session, cases);
  const core::CheckedPlugin plugin = check_plugin(core::copy_plugin_file(settings.plugin), {});
  check_quirks(settings, all);
  core::preflight(settings);

  Progress progress(session);
  ProgressState state{.done = 0, .total = cases.size(), .counters = {{"failed", 0}}};
  progress.show(state);
  auto results = run_conformance(settings, cases, [&](const core::CaseResult& result) {
    ++state.done;
    if (result.verdict == Verdict::broken) ++state.counters.front().count;
    progress.show(state);
  });
  progress.finish(state);
  attribute_failures(results);
  auto idle = idle_quirks(settings, results);
  const ConformanceOutcome outcome{settings, plugin.manifest, std::move(results), std::move(idle)};
  if (const auto path = arguments.one("junit")) write_junit(*path, outcome);
  if (session.json())
    write_json(conformance_document(outcome));
  else
    write_output(conformance_text(outcome, session.verbose));
  if (outcome.count(Verdict::broken) == 0) return 0;
  return core::error_row(ErrorCode::failed_precondition).exit_code;
}

}  // namespace

std::vector<Command> conformance_commands() {
  return {
      {.words = "plugin test",
       .arguments = "FILE",
       .summary =
           "Runs a plugin through the conformance kit, case by case, each in its own process",
       .details =
           "Says of each rule of the contract whether it holds, is declared as a quirk, or is\n"
           "broken, with the command that repeats a failure. --config names a test configuration:\n"
           "the store's options as in kist.json, with ${env:KIST_TEST_HOME} for a directory that\n"
           "is new for each store, and what the store does otherwise (quirks). A plugin that "
           "breaks\n"
           "a rule ends in exit code 6. A store that cannot be opened at all runs no case, and "
           "ends\n"
           "in the exit code of its error.\n",
       .examples = {"kist plugin test ./acme.so --config test.json",
                    "kist plugin test ./acme.so --config test.json --only race --only ST-13",
                    "kist plugin test ./acme.so --config test.json --junit report.xml",
                    "kist plugin test ./acme.so --list"},
       .options = {{"only", "TEXT", "Cases of this rule or group, or with this text in their name",
                    true},
                   {"seed", "N", "Repeats a run: what is random is as it was then"},
                   {"jobs", "N", "So many cases at once; default: the processors"},
                   {"time-limit", "SECONDS", "Of one case; default 120"},
                   {"junit", "FILE", "Also writes a report that a CI can show"},
                   {"list", "", "Shows the cases, and runs none"}},
       .words_min = 1,
       .words_max = 1,
       .run = test}};
}

}  // namespace kist::cli
