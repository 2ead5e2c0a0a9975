// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <doctest/doctest.h>

#include "api_fixture.hpp"

namespace kist::api::testing {
namespace {

const std::string kSecrets = "/api/v1/secrets";
const std::string kNobodys = "/api/v1/secrets/00000000-0000-0000-0000-0000000000ff";

TEST_SUITE("host/api secrets") {
  TEST_CASE_FIXTURE(ApiFixture, "a created secret comes back with its values, and an ETag") {
    const Got made = create("db");
    CHECK(made.header("ETag") == "\"1\"");
    CHECK(made.content_type == "application/json");
    const std::string workspace = directory.find_workspace("default")->id.to_string();
    const std::string user = principal("alice").id.to_string();
    const std::string none = R"("created":"1970-01-01T00:00:00.000000Z",)"
                             R"("updated":"1970-01-01T00:00:00.000000Z")";
    CHECK(made.body ==
          R"({"id":"00000000-0000-0000-0000-000000000001","name":"db","scope":"workspace",)"
          R"("workspace":{"id":")" +
              workspace + R"(","name":"default","description":"",)" + none + R"(},"user":{"id":")" +
              user + R"(","name":"alice","full_name":"","active":true,)" + none +
              R"(},"created":"1970-01-01T00:00:01.000000Z",)"
              R"("updated":"1970-01-01T00:00:01.000000Z","revision":1,)"
              R"("values":{"password":"hunter2","user":"root"}})");
    const Got got = ask("GET", path_of(made));
    CHECK(got.body == made.body);
    CHECK(got.header("ETag") == "\"1\"");
  }
}

}  // namespace
}  // namespace kist::api::testing
