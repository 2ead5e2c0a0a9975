// SPDX-License-Identifier: Apache-2.0
// What stays of a variable in the process itself, each time in a child.

#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>

#include <doctest/doctest.h>

#include "child_process.hpp"
#include "config/environment.hpp"

namespace kist::core {
namespace {

using test::in_child;

/// A variable that this process was started with, as every test is.
constexpr const char* kGiven = "PATH";

bool list_shows(const std::string& text) {
  std::ifstream file("/proc/self/environ", std::ios::binary);
  const std::string list{std::istreambuf_iterator<char>(file), {}};
  return list.find(text) != std::string::npos;
}

TEST_SUITE("core/config/environment") {
  TEST_CASE("a variable that is forgotten is in no list of the process") {
    CHECK(in_child([]() -> std::string {
            const std::string line = std::string(kGiven) + "=" + ::getenv(kGiven);
            if (!list_shows(line)) return "it was not there";
            forget_environment_variable("PAT");
            forget_environment_variable("PATH=");
            if (!list_shows(line)) return "another one was forgotten";
            forget_environment_variable(kGiven);
            if (::getenv(kGiven) != nullptr) return "still set";
            return list_shows(line.substr(5)) ? "still there" : "gone";
          }) == "gone");
  }

  TEST_CASE("options of stores are forgotten when the environment is taken") {
    CHECK(in_child([]() -> std::string {
            ::setenv("KIST_SECRETS_STORE_TOKEN", "one", 1);
            ::setenv("KIST_BACKUP_SECRETS_STORE_TOKEN", "two", 1);
            ::setenv("KIST_CONFIG", "kist.json", 1);
            const Environment environment = take_environment_of_process();
            if (::getenv("KIST_SECRETS_STORE_TOKEN") || ::getenv("KIST_BACKUP_SECRETS_STORE_TOKEN"))
              return "still set";
            if (!::getenv("KIST_CONFIG") || !::getenv("PATH")) return "too many";
            return std::string(environment.find("KIST_SECRETS_STORE_TOKEN")->reveal()) + " " +
                   std::string(environment.find("KIST_BACKUP_SECRETS_STORE_TOKEN")->reveal());
          }) == "one two");
  }

  TEST_CASE("a variable is forgotten when it is used as a secret, but not what programs need") {
    CHECK(in_child([]() -> std::string {
            ::setenv("DB_PASSWORD", "hunter2", 1);
            const Environment taken = take_environment_of_process();
            const Environment environment = taken;  // As those do who keep one.
            if (::getenv("DB_PASSWORD") == nullptr) return "forgotten unasked";
            if (environment.find("DB_PASSWORD") == nullptr || !::getenv("DB_PASSWORD"))
              return "forgotten by a look";
            if (environment.find_secret("PATH") == nullptr || ::getenv("PATH") == nullptr)
              return "no PATH";
            if (environment.find_secret("ABSENT") != nullptr) return "too much";
            const std::string text(environment.find_secret("DB_PASSWORD")->reveal());
            if (::getenv("DB_PASSWORD") != nullptr) return "still set";
            return text + " " + std::string(environment.find_secret("DB_PASSWORD")->reveal());
          }) == "hunter2 hunter2");
  }

  TEST_CASE("an environment of a test's own leaves the process as it is") {
    CHECK(in_child([]() -> std::string {
            ::setenv("A", "of the process", 1);
            const Environment environment = {{"A", "alpha"}, {"B", ""}};
            const std::string text(environment.find_secret("A")->reveal());
            return text + ", " + ::getenv("A");
          }) == "alpha, of the process");
  }
}

}  // namespace
}  // namespace kist::core
