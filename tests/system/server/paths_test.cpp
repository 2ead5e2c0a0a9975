// SPDX-License-Identifier: Apache-2.0
// AT-01: a path names one thing or is refused; it is never made into another path.
#include <string>

#include <doctest/doctest.h>

#include "server_place.hpp"

using namespace kist::testing;

TEST_SUITE("server/paths") {
  TEST_CASE(
      "AT-01: a path that is not in its one form leads nowhere, with a right to all and with "
      "none") {
    const RunningServer server;
    const std::string id = server.create("s");
    using namespace std::string_literals;
    const std::string paths[] = {
        "/api/v1/secrets/x/../" + id,
        "/api/v1/secrets/./" + id,
        "/api/v1/secrets/%2e/" + id,
        "/api/v1/secrets/x/%2e%2e/" + id,
        "/api/v1/secrets/x/%252e%252e/" + id,
        "/api/v1/secrets%2F" + id,
        "/api/v1/secrets%252F" + id,
        "/api/v1//secrets/" + id,
        "//api/v1/secrets/" + id,
        "/api/v1/secrets//" + id,
        "/api/v1/secrets/" + id + "/",
        "/api/v1/secrets/" + id + ".",
        "/api/v1/secrets/" + id + "%00",
        "/api/v1/secrets/" + id + "%20",
        "/api/v1/secrets/" + id + ";x=y",
        "/api/v1/secrets/" + id + ".json",
        "/api/v1/secrets\\" + id,
        "/api/v1/secrets/%5C" + id,
        "/api/v1/secrets/" + id + "%",
        "/api/v1/secrets/" + id + "%4",
        "/api/v1/secrets/" + id + "%zz",
        "/api/v1/secrets/%C0%AF" + id,
        "/api/v1/secrets/%ED%A0%80",
        "/api/v1/secrets/%FF",
        "/api/v1/secrets/..",
        "/api/v1/secrets/.",
        "/api/v1/secrets/%2e%2e/info",
        "/api/v1/workspaces/../secrets/" + id,
        "/api/v1/workspaces/%2e%2e/secrets",
        "/api/v1/workspaces/a%2Fb",
        "/api/v1/SECRETS/" + id,
        "/API/v1/secrets/" + id,
    };
    for (const std::string& path : paths) {
      CAPTURE(std::string(path));
      for (const std::string& token : {server.admin, std::string()}) {
        const Answer answer = server.ask({.path = path, .token = token});
        CHECK((answer.status == 400 || answer.status == 404 || answer.status == 422 ||
               (token.empty() && answer.status == 401)));
        CHECK(answer.body.find("\"v\"") == std::string::npos);
      }
    }
    // A segment is decoded once, so that one name may be written in two ways.
    CHECK(server.get("/api/v1/workspaces/d%65fault").status == 200);
    CHECK(server.get("/api/v1/workspaces/d%2565fault").status == 400);
  }

  TEST_CASE("AT-01: bytes beyond ASCII and control characters in a target are refused") {
    const RunningServer server;
    using namespace std::string_literals;
    for (const std::string& bytes :
         {"\0"s, "\x01"s, "\x7f"s, "\xff"s, "\xc3\xa9"s, "\xed\xa0\x80"s, "\""s}) {
      Connection connection = server.connect();
      const Answer answer =
          connection.ask({.path = "/api/v1/workspaces/" + bytes, .token = server.admin});
      CAPTURE(bytes);
      CHECK((answer.status == 400 || answer.status == 404));
    }
  }

  TEST_CASE("AT-01: a query is decoded once, and a bad escape in it is refused") {
    const RunningServer server;
    for (const char* const name : {"a+b", "a%20b", "a&b", "50%", "a%41"}) {
      server.create(name);
    }
    const auto total = [&](const std::string& expression) {
      return server.get("/api/v1/secrets?name=" + expression).json().at("total").as_int64();
    };
    CHECK(total("equals:a%2Bb") == 1);
    CHECK(total("equals:a%2520b") == 1);
    CHECK(total("equals:a%26b") == 1);
    CHECK(total("equals:50%25") == 1);
    CHECK(total("equals:a%2541") == 1);
    CHECK(total("equals:aA") == 0);
    for (const char* const query :
         {"name=%", "name=%4", "name=%zz", "name=%FF", "name=%ED%A0%80", "name=%C0%AF"}) {
      CAPTURE(std::string(query));
      const int status = server.get("/api/v1/secrets?" + std::string(query)).status;
      CHECK((status == 400 || status == 422));
    }
  }

  TEST_CASE("AT-01: a refused path is in the audit log as it came") {
    const RunningServer server;
    CHECK(server.get("/api/v1/secrets/a/../b").status >= 400);
    CHECK(server.get("/api/v1/secrets/..%2f..%2fetc").status >= 400);
    CHECK(server.place.audit_records().size() >= 2);
  }
}
