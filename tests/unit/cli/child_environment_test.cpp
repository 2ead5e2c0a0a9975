// SPDX-License-Identifier: Apache-2.0
#include "cli/child_environment.hpp"

#include <stdlib.h>

#include <set>
#include <string>

#include <doctest/doctest.h>

#include <kist/error.hpp>

using namespace kist;

namespace {

std::multiset<std::string> variables(cli::ChildEnvironment& environment) {
  std::multiset<std::string> texts;
  for (const char* const text : environment.pointers()) {
    if (text != nullptr) texts.insert(text);
  }
  return texts;
}

std::string refusal_of(cli::ChildEnvironment& environment, const std::string& name,
                       std::string_view value) {
  try {
    environment.set(name, value, "key 'k' of secret 's'");
  } catch (const Error& error) {
    CHECK(error.code == ErrorCode::invalid_argument);
    return std::string(error.message());
  }
  return "none";
}

}  // namespace

TEST_SUITE("cli/child_environment") {
  TEST_CASE("a program gets our environment, what was taken from it, and the values") {
    REQUIRE(::setenv("KIST_TEST_KEPT", "kept", 1) == 0);
    REQUIRE(::setenv("KIST_TEST_REPLACED", "old", 1) == 0);
    const cli::Inherited inherited{.variables = {"LD_LIBRARY_PATH=/opt/lib", "LD_PRELOAD=/old.so"}};
    cli::ChildEnvironment environment(inherited);
    environment.set("KIST_TEST_REPLACED", "new", "a");
    environment.set("LD_PRELOAD", "/new.so", "b");
    environment.set("EMPTY", "", "c");
    const auto texts = variables(environment);
    CHECK(texts.count("KIST_TEST_KEPT=kept") == 1);
    CHECK(texts.count("KIST_TEST_REPLACED=old") == 0);
    CHECK(texts.count("KIST_TEST_REPLACED=new") == 1);
    CHECK(texts.count("LD_LIBRARY_PATH=/opt/lib") == 1);
    CHECK(texts.count("LD_PRELOAD=/old.so") == 0);
    CHECK(texts.count("LD_PRELOAD=/new.so") == 1);
    CHECK(texts.count("EMPTY=") == 1);
  }

  TEST_CASE("a name that is none, a second value, a NUL and what is too long are refused") {
    const cli::Inherited inherited;
    cli::ChildEnvironment environment(inherited);
    for (const std::string name : {"", "1A", "A-B", "A=B", "\xc3\x84", "A B"})
      CHECK(refusal_of(environment, name, "v").find("is no name of a variable") !=
            std::string::npos);
    environment.set("A", "v", "key 'a' of secret 's'");
    CHECK(refusal_of(environment, "A", "v") ==
          "variable A is given two values: key 'a' of secret 's', and key 'k' of secret 's'");
    CHECK(refusal_of(environment, "B", std::string_view("a\0b", 3)) ==
          "key 'k' of secret 's' holds a NUL byte, and no variable can");
    const std::string longest(cli::kVariableBytesMax - 2, 'x');
    CHECK(refusal_of(environment, "C", longest + "x") ==
          "key 'k' of secret 's' has 131070 bytes; a variable with its name has at most 131071");
    CHECK(refusal_of(environment, "C", longest) == "none");
  }

  TEST_CASE("variables that decide what code a program runs are known") {
    for (const char* const name : {"PATH", "LD_PRELOAD", "LD_AUDIT", "BASH_ENV", "PYTHONPATH",
                                   "NODE_OPTIONS", "GIT_SSH_COMMAND", "IFS"})
      CHECK(cli::decides_what_runs(name));
    for (const char* const name : {"PASSWORD", "PGPASSWORD", "LD", "APP_PATH", "GITHUB_TOKEN"})
      CHECK_FALSE(cli::decides_what_runs(name));
  }
}
