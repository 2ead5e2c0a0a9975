// SPDX-License-Identifier: Apache-2.0
#include "cli/dispatch.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "cli/session.hpp"

using namespace kist;

namespace {

using Words = std::vector<std::string>;

// A command is a function without a state of its own.
std::string ran;
cli::Arguments got;

int remember(const std::string& command, const cli::Arguments& arguments) {
  ran = command;
  got.words = arguments.words;
  got.options = arguments.options;
  return 0;
}

std::vector<cli::Command> commands() {
  std::vector<cli::Command> all(3);
  all[0] = {.words = "thing show",
            .words_max = 1,
            .run = [](cli::Session&, const cli::Arguments& a) { return remember("show", a); }};
  all[1] = {.words = "start",
            .options = {{"as", "NAME", "under this name"}},
            .words_max = cli::kAnyNumber,
            .run = [](cli::Session&, const cli::Arguments& a) { return remember("start", a); }};
  all[2] = {.words = "state",
            .run = [](cli::Session&, const cli::Arguments& a) { return remember("state", a); }};
  return all;
}

void run(const Words& line) {
  ran.clear();
  cli::run_command_line(commands(), line, core::Environment(), cli::Inherited());
}

std::string refusal_of(const Words& line) {
  try {
    run(line);
  } catch (const cli::UsageError& error) {
    return std::string(error.message()) + " | " + error.hint;
  }
  return "none";
}

}  // namespace

TEST_SUITE("cli/dispatch") {
  TEST_CASE("a command is one word or two, and what follows is its own") {
    run({"thing", "show", "x"});
    CHECK(ran == "show");
    CHECK(got.words == Words{"x"});
    run({"start", "thing", "show"});
    CHECK(ran == "start");
    CHECK(got.words == Words{"thing", "show"});
    run({"state"});
    CHECK(ran == "state");
  }

  TEST_CASE("common options stand before a command of one word, or behind it") {
    run({"--output", "json", "start", "x"});
    CHECK(got.one("output") == "json");
    CHECK(got.words == Words{"x"});
    run({"start", "--as", "me", "--output", "json", "x"});
    CHECK(got.one("as") == "me");
    CHECK(got.one("output") == "json");
    CHECK(got.words == Words{"x"});
  }

  TEST_CASE("what stands behind -- is passed on as it is, options and another -- too") {
    run({"start", "--as", "me", "--", "sh", "-c", "--as=you", "-h", "--", "--help", ""});
    CHECK(ran == "start");
    CHECK(got.words == Words{"sh", "-c", "--as=you", "-h", "--", "--help", ""});
    CHECK(got.one("as") == "me");
  }

  TEST_CASE("a word that is no command is refused with those that are") {
    CHECK(refusal_of({"strat"}) ==
          "'kist' has no command 'strat'; did you mean 'start'? Allowed: thing, start, state, help "
          "| see 'kist --help'");
    CHECK(refusal_of({"thing", "start"}) ==
          "'kist thing' has no command 'start'. Allowed: show | see 'kist thing --help'");
    CHECK(refusal_of({"thing"}) ==
          "'kist thing' needs a command behind it. Allowed: show | see 'kist thing --help'");
    CHECK(refusal_of({"state", "x"}) ==
          "there is one argument too many behind 'kist state'; expected: kist state | see 'kist "
          "state --help'");
  }
}
