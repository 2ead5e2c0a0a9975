// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <doctest/doctest.h>

#include "kist_process.hpp"

using namespace kist::testing;
namespace fs = std::filesystem;

namespace {

const std::string kSqlite = KIST_PLUGIN_DIRECTORY "/sqlite.so";

}  // namespace

TEST_SUITE("system/plugin_test") {
  TEST_CASE("test says once why the store cannot be opened, and ends in the code of its error") {
    const Workplace workplace;
    const fs::path config = workplace.write(
        "test.json",
        R"({"secrets_store": {"type": "sqlite", "path": "${env:KIST_TEST_HOME}/none/secrets.db"}})");
    const Ended ended =
        workplace.kist({"plugin", "test", kSqlite, "--config", config.native(), "--only", "ST-2"});
    CHECK(ended.exit_code == 6);
    CHECK(ended.out.empty());
    CHECK(
        ended.err.starts_with("kist: failed_precondition: no case can be run: the store cannot "
                              "be opened as '" +
                              config.native() + "' says: sqlite: cannot open '"));
    CHECK(ended.err.find('\n') == ended.err.size() - 1);
  }

  TEST_CASE("test says the same of options that do not fit, and runs what can be opened") {
    const Workplace workplace;
    const Ended ended = workplace.kist({"plugin", "test", kSqlite, "--only", "ST-2"});
    CHECK(ended.exit_code == 6);
    CHECK(ended.err.starts_with("kist: failed_precondition: no case can be run: "));
    CHECK(ended.err.find("needs the option 'path'") != std::string::npos);
    CHECK(ended.err.find('\n') == ended.err.size() - 1);
    const fs::path config = workplace.write(
        "test.json",
        R"({"secrets_store": {"type": "sqlite", "path": "${env:KIST_TEST_HOME}/secrets.db"}})");
    const std::string text = workplace.done(
        {"plugin", "test", kSqlite, "--config", config.native(), "--only", "ST-4", "--seed", "1"});
    CHECK(text ==
          "RULE  VERDICT  CASES\n"
          "ST-4  holds    1\n"
          "\n"
          "rules: 1 hold, 0 declared as quirks, 0 do not apply, 0 not judged, 0 broken; 1 cases, "
          "seed 1\n");
  }

  TEST_CASE("a quirk stands for its rule or for one case, and must be one that there is") {
    const Workplace workplace;
    const std::string memory = KIST_PLUGIN_DIRECTORY "/memory.so";
    const std::string name = "ST-15: a deleted secret is gone, and only that one";
    const auto test = [&](const std::string& quirk) {
      const fs::path config =
          workplace.write("test.json", R"({"secrets_store": {"type": "memory"}, "quirks": {")" +
                                           quirk + R"(": "it is so"}})");
      return workplace.kist(
          {"plugin", "test", memory, "--config", config.native(), "--only", "ST-15"});
    };
    CHECK(test("ST-15").out.find("the quirk of ST-15 is not needed: it holds\n") !=
          std::string::npos);
    CHECK(test(name).out.find("the quirk of '" + name + "' is not needed: it holds\n") !=
          std::string::npos);
    const Ended misspelt = test("ST-15: a deleted secret is gone, and only this one");
    CHECK(misspelt.exit_code == 2);
    CHECK(misspelt.err.find("there is no case 'ST-15: a deleted secret is gone, and only this "
                            "one'; did you mean '" +
                            name + "'?") != std::string::npos);
  }
}
