// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <boost/json/object.hpp>
#include <doctest/doctest.h>

#include "server_place.hpp"

using namespace kist::testing;

TEST_SUITE("system/server/trace_calls") {
  TEST_CASE("the log of a server has a line with fields for each call into a traced store") {
    const RunningServer server([](ServerPlace& place) {
      place.settings["secrets_store"].as_object()["trace_calls"] = true;
    });
    const std::string id = server.create("name-canary");
    const auto created = server.process->wait_for("store call");
    const auto next = [&](std::string_view function) {
      auto line = server.process->wait_for("store call");
      while (line.at("function").as_string() != function)
        line = server.process->wait_for("store call");
      return line;
    };
    const auto line = created.at("function") == "create_secret" ? created : next("create_secret");
    CHECK(line.at("level") == "info");
    CHECK(line.at("outcome") == "ok");
    CHECK(text_of(line.at("id")) == id);
    CHECK(line.at("us").as_int64() >= 0);
    CHECK(line.at("values_taken") == 1);
    CHECK(line.at("bytes_taken").as_int64() > 1);
    CHECK(line.at("values_given") == 1);

    CHECK(server.get("/api/v1/secrets/00000000-0000-4000-8000-000000000000").status == 404);
    const auto missing = next("get_secret");
    CHECK(missing.at("outcome") == "not_found");
    CHECK(!missing.contains("values_given"));
    CHECK(server.get("/api/v1/secrets").status == 200);
    CHECK(next("list_secrets").at("rows") == 1);
    CHECK(server.process->stop() == 0);
    CHECK(server.process->log().find("canary") == std::string::npos);
  }
}
