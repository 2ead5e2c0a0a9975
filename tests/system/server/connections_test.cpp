// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <doctest/doctest.h>

#include "gate.hpp"
#include "server_place.hpp"

using namespace kist::testing;

namespace {

constexpr const char* kSecrets = "/api/v1/secrets";

Ask post(const RunningServer& server, const std::string& name) {
  return {.method = "POST", .path = kSecrets, .body = secret_json(name), .token = server.admin};
}

}  // namespace

TEST_SUITE("server/connections") {
  TEST_CASE("requests on one connection are answered in their order, however they come") {
    const RunningServer server;
    const std::string id = server.create("s");
    Connection connection = server.connect();
    std::string bytes;
    for (int i = 0; i < 100; ++i) {
      bytes += Ask{.path = "/health"}.bytes();
      bytes += Ask{.path = kSecrets + ("/" + id), .token = server.admin}.bytes();
      bytes += post(server, "p" + std::to_string(i)).bytes();
      bytes += Ask{.path = "/api/v1/nothing", .token = server.admin}.bytes();
    }
    connection.send(bytes);
    for (int i = 0; i < 100; ++i) {
      CHECK(connection.answer().status == 200);
      CHECK(connection.answer().json().at("id") == boost::json::value(id));
      CHECK(connection.answer().json().at("name") == boost::json::value("p" + std::to_string(i)));
      CHECK(connection.answer().status == 404);
    }
  }

  TEST_CASE("a connection lives on behind an error of a request, and ends where it is asked to") {
    const RunningServer server;
    Connection connection = server.connect();
    for (int i = 0; i < 3; ++i) {
      CHECK(connection.ask({.path = kSecrets}).status == 401);
      CHECK(connection.ask({.path = kSecrets, .token = server.admin}).status == 200);
    }
    const Answer last = connection.ask({.path = "/health", .headers = {{"Connection", "close"}}});
    CHECK(last.status == 200);
    CHECK(last.closes());
    CHECK(connection.closes());
  }

  TEST_CASE("who has said all can still read the answers") {
    const RunningServer server;
    Connection connection = server.connect();
    const Ask get{.path = kSecrets + ("/" + server.create("s")), .token = server.admin};
    connection.send(get.bytes() + get.bytes());
    connection.end_sending();
    CHECK(connection.answer().status == 200);
    CHECK(connection.answer().status == 200);
    CHECK(connection.closes());
    Connection cut = server.connect();
    cut.send("GET /health HTTP/1.1\r\nHost:");
    cut.end_sending();
    const std::string rest = cut.rest();
    CHECK((rest.empty() || rest.starts_with("HTTP/1.1 400")));
  }

  TEST_CASE("what stands before a request and is none is refused, an empty line too") {
    const RunningServer server;
    std::string lines;
    for (int i = 0; i < 100'000; ++i) lines += "\r\n";
    for (const std::string& before :
         {std::string("\r\n"), std::string(" "), std::string(1, '\0'), lines}) {
      Connection connection = server.connect();
      connection.try_send(before + Ask{.path = "/health"}.bytes(), std::chrono::seconds(2));
      connection.end_sending();
      CHECK(connection.rest().starts_with("HTTP/1.1 4"));
    }
  }

  TEST_CASE("when a client has gone, the call of its request to the store is cancelled") {
    const RunningServer server(use_gate);
    auto gone = std::make_unique<Connection>(server.connect());
    gone->send(post(server, "s").bytes());
    kist::core::FileDescriptor gate = wait_for_gate(server.place);
    gone.reset();
    // The store comes back although the gate stays shut.
    CHECK(eventually([&] {
      const auto records = server.place.audit_records();
      return std::ranges::any_of(
          records, [](const auto& record) { return record.at("result") == "cancelled"; });
    }));
    gate = kist::core::FileDescriptor();
    Connection next = server.connect();
    next.send(post(server, "t").bytes());
    CHECK(answer_through_gate(server.place, next).status == 200);
  }

  TEST_CASE("clients that break off at every byte of a request leave nothing behind") {
    const RunningServer server;
    server.create("warm");
    const std::string bytes = post(server, "s").bytes();
    const std::size_t before = server.process->descriptors();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      Connection connection = server.connect();
      connection.send(bytes.substr(0, i));
      const ::linger reset{1, 0};
      if (i % 2 == 0)
        ::setsockopt(connection.stream().descriptor(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    }
    CHECK(server.ask({.path = "/health"}).status == 200);
    // The last of them may be on their way out.
    CHECK(eventually([&] { return server.process->descriptors() <= before; }));
    CHECK(server.get(kSecrets).json().at("total") == 1);
  }

  TEST_CASE("AT-28: ten thousand idle connections cost bounded memory, and new ones are served") {
    const std::size_t count = raise_descriptor_limit(10'000);
    MESSAGE("connections: ", count);
    const RunningServer server([](ServerPlace& place) { place.limit("idle_time_ms", 600'000); });
    server.create("s");
    const std::size_t before = server.process->rss_bytes();
    std::vector<Connection> idle;
    idle.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      idle.push_back(server.connect({.source = "127.0.0." + std::to_string(1 + i / 5'000)}));
      idle.back().send(Ask{.path = "/health"}.bytes());
      REQUIRE(idle.back().answer().status == 200);
    }
    const std::size_t each = (server.process->rss_bytes() - before) / count;
    MESSAGE("bytes for each: ", each);
    if (kMeasuresMemory) CHECK(each < 16 * 1024);
    CHECK(server.get(kSecrets).status == 200);
    CHECK(idle.front().ask({.path = "/health"}).status == 200);
    CHECK(idle.back().ask({.path = "/health"}).status == 200);
    idle.clear();
    // They are let go, and their descriptors with them.
    CHECK(eventually([&] { return server.process->descriptors() < 200; }));
    CHECK(server.ask({.path = "/health"}).status == 200);
  }
}
