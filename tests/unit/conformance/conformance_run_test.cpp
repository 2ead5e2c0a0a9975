// SPDX-License-Identifier: Apache-2.0
#include "conformance/conformance_run.hpp"

#include <poll.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "../config/message_of.hpp"
#include "../process/script.hpp"
#include "loader/file_descriptor.hpp"

using namespace kist::core;
using kist::core::testing::message_of;
using kist::core::testing::runs;
using kist::core::testing::Script;

namespace {

const ConformanceCase kCase{"group", "ST-1", "ST-1: one, and two"};

ConformanceSettings settings_of(const Script& script) {
  ConformanceSettings settings;
  settings.program = script.path();
  settings.plugin = "/the/plugin.so";
  settings.seed = 42;
  return settings;
}

CaseResult result_of(const ConformanceSettings& settings) {
  return run_conformance(settings, {kCase}).at(0);
}
CaseResult result_of(const Script& script) { return result_of(settings_of(script)); }

/// Of the process whose number a script has printed. A signal takes effect when it is next to run.
void check_ends(std::string process) {
  REQUIRE(process.ends_with('\n'));
  process.pop_back();
  for (int i = 0; i < 10'000 && runs(process); ++i) ::poll(nullptr, 0, 1);
  CHECK(!runs(process));
}

}  // namespace

TEST_SUITE("conformance/conformance_run") {
  TEST_CASE("a case ends in the verdict of its exit") {
    struct Row {
      const char* script;
      Verdict verdict;
      const char* reason;
    };
    const Row rows[] = {
        {"exit 0", Verdict::holds, ""},
        {"echo 'does not apply: it is small'; exit 77", Verdict::does_not_apply, "it is small"},
        {"exit 1", Verdict::broken, "what is expected did not come about"},
        {"exit 9", Verdict::broken, "the process ended with 9"},
        {"kill -SEGV $$", Verdict::broken, "the process was ended by SIGSEGV"},
    };
    for (const Row& row : rows) {
      CAPTURE(row.script);
      const Script script(row.script);
      const CaseResult result = result_of(script);
      CHECK(result.verdict == row.verdict);
      CHECK(result.reason == row.reason);
    }
  }

  TEST_CASE("a case is told the plugin, the seed, the configuration and its own name") {
    const Script script("printf '%s\\n' \"$@\"");
    ConformanceSettings settings = settings_of(script);
    settings.configuration = "/the/test.json";
    const std::string output = "\n" + result_of(settings).output;
    for (const char* const argument :
         {"--plugin=/the/plugin.so", "--config=/the/test.json", "--seed=42", "--test-suite=group",
          "--test-case=ST-1: one\\, and two"})
      CHECK(output.find("\n" + std::string(argument) + "\n") != std::string::npos);
  }

  TEST_CASE("a declared quirk is a quirk with its reason, and one of another rule is not") {
    const Script script("exit 1");
    ConformanceSettings settings = settings_of(script);
    settings.quirks["ST-1"] = "as the back-end is";
    CHECK(result_of(settings).verdict == Verdict::quirk);
    CHECK(result_of(settings).reason == "as the back-end is");
    settings.quirks = {{kCase.name, "as this case is"}};
    CHECK(result_of(settings).verdict == Verdict::quirk);
    CHECK(result_of(settings).reason == "as this case is");
    settings.quirks = {{"ST-2", "as the back-end is"}};
    CHECK(result_of(settings).verdict == Verdict::broken);
  }

  TEST_CASE("what a case leaves in its directory is gone at the end, also if it crashes") {
    const Script script("printf %s \"$TMPDIR\"; mkdir \"$TMPDIR/left\" && kill -SEGV $$");
    const CaseResult result = result_of(script);
    CHECK(result.reason == "the process was ended by SIGSEGV");
    CHECK(result.output.find("/kist_tests_") != std::string::npos);
    CHECK(!std::filesystem::exists(result.output));
  }

  TEST_CASE("figures are taken out of the output") {
    const Script script("echo before; printf 'figure: open\\t1.2 ms\\n'; echo after");
    const CaseResult result = result_of(script);
    CHECK(result.figures == std::map<std::string, std::string>{{"open", "1.2 ms"}});
    CHECK(result.output == "before\nafter\n");
  }

  TEST_CASE("of more output than is kept the case still ends") {
    const Script script("head -c 1000000 /dev/zero | tr '\\0' x; exit 0");
    const CaseResult result = result_of(script);
    CHECK(result.verdict == Verdict::holds);
    CHECK(result.output == std::string(kCaseOutputMax, 'x'));
  }

  TEST_CASE("behind the time limit the case is broken, and its whole process group is ended") {
    const Script script("sleep 600 & echo $!; wait");
    ConformanceSettings settings = settings_of(script);
    settings.time_limit = std::chrono::milliseconds(1'000);
    const CaseResult result = result_of(settings);
    CHECK(result.verdict == Verdict::broken);
    CHECK(result.reason == "it has not ended within 1000 ms");
    check_ends(result.output);
  }

  TEST_CASE("a process that a case leaves behind does not keep the run waiting, and is ended") {
    const Script script("sleep 600 & echo $!; exit 0");
    const CaseResult result = result_of(script);
    CHECK(result.verdict == Verdict::holds);
    check_ends(result.output);
  }

  TEST_CASE("results come in the order of the cases, however many run at once") {
    const Script script("case \"$*\" in *slow*) sleep 0.2;; esac; printf '%s\\n' \"$@\"");
    ConformanceSettings settings = settings_of(script);
    settings.jobs = 3;
    std::vector<ConformanceCase> cases;
    for (const char* const name : {"ST-1: slow", "ST-1: b", "ST-1: c", "ST-1: d"})
      cases.push_back({"group", "ST-1", name});
    std::vector<std::string> told;
    const auto results = run_conformance(
        settings, cases, [&](const CaseResult& result) { told.push_back(result.of.name); });
    CHECK(told.size() == cases.size());
    CHECK(told.front() != "ST-1: slow");
    for (std::size_t i = 0; i < cases.size(); ++i) {
      CHECK(results[i].of.name == cases[i].name);
      CHECK(results[i].output.find("--test-case=" + cases[i].name) != std::string::npos);
    }
  }

  TEST_CASE("a run that is interrupted is cancelled") {
    const Script script("sleep 600");
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const FileDescriptor interrupt(ends[0]), input(ends[1]);
    REQUIRE(::write(input.get(), "!", 1) == 1);
    ConformanceSettings settings = settings_of(script);
    settings.interrupt = interrupt.get();
    CHECK(message_of([&] { run_conformance(settings, {kCase}); }) ==
          "the run of the cases was interrupted");
    CHECK(message_of([&] { preflight(settings); }) == "the run of the cases was interrupted");
  }

  TEST_CASE("what can run no case ends the run with what it says") {
    const Script script("echo 'there is no such plugin' >&2; exit 2");
    CHECK(message_of([&] { result_of(script); }) == "no case can be run: there is no such plugin");
    ConformanceSettings settings;
    settings.program = "/nonexistent/kist-conformance";
    CHECK(message_of([&] { run_conformance(settings, {kCase}); }) ==
          "'/nonexistent/kist-conformance', which has the cases, cannot be run: No such file or "
          "directory");
  }

  TEST_CASE("the preflight passes on why the store cannot be opened") {
    struct Row {
      const char* script;
      kist::ErrorCode code;
      const char* message;
    };
    const std::string start = "no case can be run: ";
    const Row rows[] = {
        {"printf 'cannot open: 10\\tacme: no answer\\033\\n'; exit 2", kist::ErrorCode::unavailable,
         "the store cannot be opened as '/test.json' says: acme: no answer\\x1b"},
        {"printf 'cannot open: 4711\\tacme\\n'; exit 2", kist::ErrorCode::internal,
         "the store cannot be opened as '/test.json' says: acme"},
        {"kill -ABRT $$", kist::ErrorCode::internal,
         "the store cannot be opened as '/test.json' says: the process was ended by SIGABRT"},
        {"sleep 600", kist::ErrorCode::internal,
         "the store cannot be opened as '/test.json' says: it has not ended within 300 ms"},
        {"echo 'no plugin'; exit 2", kist::ErrorCode::failed_precondition, "no plugin"},
    };
    for (const Row& row : rows) {
      CAPTURE(row.script);
      const Script script(row.script);
      ConformanceSettings settings = settings_of(script);
      settings.configuration = "/test.json";
      settings.time_limit = std::chrono::milliseconds(300);
      try {
        preflight(settings);
        FAIL_CHECK("it opened");
      } catch (const kist::Error& error) {
        CHECK(error.code == row.code);
        CHECK(error.message() == start + row.message);
      }
    }
    const Script script("case \"$*\" in *' --preflight') exit 0;; esac; exit 9");
    CHECK_NOTHROW(preflight(settings_of(script)));
  }

  TEST_CASE("the cases of a program are its lines, with the rule that begins their name") {
    const Script script("printf 'race\\tST-3: of N\\nno case\\nabi\\tKP-7: cut, or not\\n'");
    const auto cases = conformance_cases(script.path());
    REQUIRE(cases.size() == 2);
    CHECK(cases[0].group == "race");
    CHECK(cases[0].rule == "ST-3");
    CHECK(cases[0].name == "ST-3: of N");
    CHECK(cases[1].rule == "KP-7");
    const Script silent("exit 1");
    CHECK(message_of([&] { conformance_cases(silent.path()); }) ==
          "'" + silent.path().native() + "', which has the cases, cannot list them");
  }

  TEST_CASE("cases are chosen by rule, by group, or by a part of their name") {
    const std::vector<ConformanceCase> all = {{"race", "ST-3", "ST-3: of N creators"},
                                              {"race", "ST-1", "ST-1: of two"},
                                              {"get", "ST-10", "ST-10: a patch, as in ST-3"}};
    const auto chosen = [&](std::vector<std::string> only) {
      std::string rules;
      for (const ConformanceCase& one : chosen_cases(all, only)) rules += one.rule + " ";
      return rules;
    };
    CHECK(chosen({}) == "ST-3 ST-1 ST-10 ");
    CHECK(chosen({"ST-1"}) == "ST-1 ");
    CHECK(chosen({"race"}) == "ST-3 ST-1 ");
    CHECK(chosen({"patch", "of two"}) == "ST-1 ST-10 ");
    CHECK(chosen({"ST-10: a patch, as in ST-3"}) == "ST-10 ");
    CHECK(message_of([&] { chosen({"rice"}); }) ==
          "no case is of the rule or the group 'rice', or has it in its name; did you mean "
          "'race'? The groups: race, get");
    CHECK(message_of([&] { chosen({""}); }).starts_with("no case is of the rule"));
  }
}
