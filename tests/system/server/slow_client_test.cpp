// SPDX-License-Identifier: Apache-2.0
// AT-28: those who take their time keep nobody else waiting, and are left in the end.
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "server_place.hpp"

using namespace kist::testing;

TEST_SUITE("server/slow clients") {
  TEST_CASE(
      "AT-28: hundreds that send a header byte by byte do not keep others waiting, and get 408") {
    const RunningServer server([](ServerPlace& place) { place.limit("receive_time_ms", 1'500); });
    std::vector<Connection> slow;
    for (int i = 0; i < 300; ++i) {
      slow.push_back(server.connect());
      slow.back().send("GET /health HT");
    }
    for (int i = 0; i < 20; ++i) {
      for (Connection& connection : slow) connection.try_send("T");
      CHECK(server.ask({.path = "/health"}).status == 200);
    }
    for (Connection& connection : slow) {
      const std::string rest = connection.rest();
      CHECK((rest.starts_with("HTTP/1.1 408") || rest.starts_with("HTTP/1.1 400")));
    }
  }

  TEST_CASE("AT-28: a body byte by byte is taken if it comes in time, and refused if it does not") {
    const RunningServer server([](ServerPlace& place) { place.limit("receive_time_ms", 1'000); });
    Connection steady = server.connect();
    steady.dribble(Ask{.method = "POST",
                       .path = "/api/v1/secrets",
                       .body = secret_json("s"),
                       .token = server.admin}
                       .bytes());
    CHECK(steady.answer().status == 200);
    Connection stalled = server.connect();
    const std::string bytes = Ask{.method = "POST",
                                  .path = "/api/v1/secrets",
                                  .body = secret_json("t"),
                                  .token = server.admin}
                                  .bytes();
    stalled.send(bytes.substr(0, bytes.size() - 1));
    CHECK(stalled.answer().status == 408);
    CHECK(stalled.closes());
    CHECK(server.get("/api/v1/secrets").json().at("total") == 1);
  }

  TEST_CASE("AT-28: clients that ask for much and read nothing cost bounded memory") {
    const RunningServer server([](ServerPlace& place) { place.limit("send_time_ms", 60'000); });
    server.ask({.path = "/openapi.json"});
    const std::size_t before = server.process->rss_bytes();
    std::string many;
    for (int i = 0; i < 1'000; ++i) many += Ask{.path = "/openapi.json"}.bytes();
    std::vector<Connection> deaf;
    for (int i = 0; i < 50; ++i) {
      deaf.push_back(server.connect({.receive_buffer = 4'096}));
      deaf.back().try_send(many, std::chrono::milliseconds(20));
    }
    CHECK(server.ask({.path = "/health"}).status == 200);
    if (kMeasuresMemory) CHECK(server.process->rss_bytes() < before + (32U << 20));
  }

  TEST_CASE("AT-28: a client that reads slowly gets all of it") {
    const RunningServer server;
    Connection slow = server.connect({.receive_buffer = 2'048});
    std::string many;
    for (int i = 0; i < 50; ++i) many += Ask{.path = "/openapi.json"}.bytes();
    slow.send(many);
    const std::string first = slow.answer().body;
    for (int i = 1; i < 50; ++i) CHECK(slow.answer().body == first);
  }
}
