// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <doctest/doctest.h>

#include "kist_process.hpp"

using namespace kist::testing;

TEST_SUITE("system/store_command") {
  TEST_CASE("info shows type, plugin, capabilities, limits, options and health") {
    const Workplace workplace;
    const auto info = workplace.done_json({"store", "info", "--store-option", "cache_kib=64"});
    CHECK(info.at("type") == "sqlite");
    CHECK(info.at("plugin").at("path") == KIST_PLUGIN_DIRECTORY "/sqlite.so");
    CHECK(info.at("limits").at("max_keys") == 1000);
    CHECK(info.at("limits").at("max_secret_bytes") == 65536);
    CHECK(info.at("health") == "ok");
    CHECK(info.at("options").as_array().at(0).at("name") == "path");
    const std::string table = workplace.done({"store", "info"});
    CHECK(table.find("\nHEALTH        ok\n") != std::string::npos);
    CHECK(table.find("DEPLOYMENT    " + text_of(info.at("deployment_id"))) != std::string::npos);
  }

  TEST_CASE("with type none, store info says so and every use of secrets ends in exit code 10") {
    const Workplace workplace(R"("type": "none")");
    CHECK(workplace.done({"store", "info"}) ==
          "Secrets are switched off: the configuration says \"type\": \"none\".\n");
    CHECK(workplace.done_json({"store", "info"}).at("type") == "none");
    CHECK(workplace.kist({"secret", "create", "s"}).exit_code == 10);
    CHECK(workplace.kist({"secret", "get", "s"}).exit_code == 10);
    CHECK(workplace.kist({"secret", "list"}).exit_code == 10);
    CHECK(workplace.kist({"secret", "update", "s", "--rename", "t"}).exit_code == 10);
    CHECK(workplace.kist({"secret", "delete", "s", "--yes"}).exit_code == 10);
  }

  TEST_CASE("--verbose says what is taken, on standard error") {
    const Workplace workplace(R"("type": "memory")");
    const Ended ended = workplace.kist({"store", "info", "--verbose"});
    CHECK(
        ended.err.starts_with("kist: configuration: 'kist.json', found in the working directory\n"
                              "kist: plugin: io.kist.memory "));
    CHECK(workplace.kist({"store", "info"}).err.empty());
  }
}
