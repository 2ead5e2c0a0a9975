// SPDX-License-Identifier: Apache-2.0
// AT-07: pages and cursors, as somebody would ask for them who wants more than is theirs.
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <doctest/doctest.h>

#include "server_place.hpp"

using namespace kist::testing;

namespace {

constexpr const char* kSecrets = "/api/v1/secrets?";

}  // namespace

TEST_SUITE("server/lists") {
  TEST_CASE("AT-07: a size or page that is none is refused, and no page is larger than its size") {
    const RunningServer server;
    for (int i = 0; i < 30; ++i) server.create("s" + std::to_string(i));
    for (const char* const query : {"size=0",
                                    "size=-1",
                                    "size=2147483648",
                                    "size=9223372036854775808",
                                    "size=99999999999999999999",
                                    "size=",
                                    "size=1e3",
                                    "size=0x10",
                                    "size=ten",
                                    "size=1&size=10000",
                                    "page=0",
                                    "page=-1",
                                    "page=1.5",
                                    "page=",
                                    "page=9223372036854775808",
                                    "limit=1&size=10001",
                                    "sort_by=values",
                                    "sort_by=up:name",
                                    "name=gt:x",
                                    "created=gt:yesterday",
                                    "id=equals:x",
                                    "logical_operator=xor"}) {
      CAPTURE(std::string(query));
      const Answer answer = server.get(std::string(kSecrets) + query);
      CHECK((answer.status == 422 || answer.status == 400));
      CHECK(answer.code() == "invalid_argument");
    }
    CHECK(server.get("/api/v1/secrets").json().at("items").as_array().size() == 20);
    CHECK(server.get("/api/v1/secrets?size=10000").json().at("items").as_array().size() == 30);
    CHECK(server.get("/api/v1/secrets?page=9223372036854775807").status == 422);
  }

  TEST_CASE("AT-07: a cursor is good for its principal and its list alone") {
    std::string other;
    const RunningServer server([&](ServerPlace& place) {
      other = place.add_token("other", {{"*", "admin"}});
    });
    for (int i = 0; i < 6; ++i) server.create("s" + std::to_string(i));
    const std::string cursor =
        text_of(server.get("/api/v1/secrets?size=2&sort_by=name").json().at("next_cursor"));
    REQUIRE(!cursor.empty());
    const std::string good = "/api/v1/secrets?size=2&sort_by=name&cursor=" + cursor;
    CHECK(server.get(good).status == 200);
    CHECK(server.ask({.path = good, .token = other}).status == 400);
    CHECK(server.get("/api/v1/secrets?size=2&sort_by=desc:name&cursor=" + cursor).status == 400);
    CHECK(
        server.get("/api/v1/secrets?size=2&sort_by=name&name=contains:s&cursor=" + cursor).status ==
        400);
    for (std::size_t i = 0; i < cursor.size(); i += 3) {
      std::string forged = cursor;
      forged[i] = forged[i] == 'A' ? 'B' : 'A';
      CAPTURE(i);
      CHECK(server.get("/api/v1/secrets?size=2&sort_by=name&cursor=" + forged).status == 400);
    }
    CHECK(server.get("/api/v1/secrets?size=2&sort_by=name&cursor=" + cursor.substr(1)).status ==
          400);
    CHECK(server.get("/api/v1/secrets?cursor=" + std::string(2'000, 'x')).status == 400);
  }

  TEST_CASE("FL-8: a cursor outlives a restart, and needs no exact total") {
    RunningServer server;
    for (int i = 0; i < 6; ++i) server.create("s" + std::to_string(i));
    const boost::json::value page = server.get("/api/v1/secrets?size=4&sort_by=name").json();
    CHECK(page.at("total") == 6);
    CHECK(server.process->stop() == 0);
    server.restart();
    const Answer rest =
        server.get("/api/v1/secrets?size=4&sort_by=name&cursor=" + text_of(page.at("next_cursor")));
    CHECK(rest.status == 200);
    CHECK(rest.json().at("items").as_array().size() == 2);
  }
}
