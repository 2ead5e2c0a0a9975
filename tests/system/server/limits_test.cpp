// SPDX-License-Identifier: Apache-2.0
// Each limit of http.limits, at it and one past it; and those of a secret.
#include <signal.h>

#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include "gate.hpp"
#include "server_place.hpp"

using namespace kist::testing;

namespace {

constexpr const char* kSecrets = "/api/v1/secrets";

/// A request line and headers of as many bytes, the empty line included.
std::string head_of(std::size_t bytes) {
  std::string head = "GET /health HTTP/1.1\r\nHost: localhost\r\nX-Filler: ";
  return head + std::string(bytes - head.size() - 4, 'x') + "\r\n\r\n";
}

std::string head_with(std::size_t headers) {
  std::string head = "GET /health HTTP/1.1\r\nHost: localhost\r\n";
  for (std::size_t i = 1; i < headers; ++i) head += "X-" + std::to_string(i) + ": y\r\n";
  return head + "\r\n";
}

std::string url_of(std::size_t bytes) {
  const std::string path = "/health?";
  return path + std::string(bytes - path.size(), 'x');
}

std::string body_of(std::size_t bytes) {
  const std::string start = R"({"name": "s", "unknown": ")", end = "\"}";
  return start + std::string(bytes - start.size() - end.size(), 'x') + end;
}

/// Arrays within a field that nobody knows; the object is the first level.
std::string nested(std::size_t depth) {
  return R"({"name": "s", "unknown": )" + std::string(depth - 1, '[') +
         std::string(depth - 1, ']') + "}";
}

/// A body of as many values and keys: the object, two keys, their values and the array's numbers.
std::string body_with_nodes(std::size_t nodes) {
  std::string body = R"({"name": "s", "unknown": [)";
  for (std::size_t i = 5; i < nodes; ++i) body += i == 5 ? "0" : ",0";
  return body + "]}";
}

}  // namespace

TEST_SUITE("server/limits") {
  TEST_CASE("header_bytes: past it 431, and the connection closes") {
    for (const std::int64_t limit : {1'024, 16'384}) {
      const RunningServer server([&](ServerPlace& place) { place.limit("header_bytes", limit); });
      const auto bytes = static_cast<std::size_t>(limit);
      Connection at = server.connect();
      at.send(head_of(bytes));
      CHECK(at.answer().status == 200);
      Connection past = server.connect();
      past.send(head_of(bytes + 1));
      const Answer answer = past.answer();
      CHECK(answer.status == 431);
      CHECK(answer.closes());
      CHECK(past.closes());
      Connection endless = server.connect();
      endless.try_send(head_of(1 << 20), std::chrono::seconds(1));
      CHECK(endless.answer().status == 431);
    }
  }

  TEST_CASE("header_count: past it 431") {
    const RunningServer server([](ServerPlace& place) { place.limit("header_count", 20); });
    Connection at = server.connect();
    at.send(head_with(20));
    CHECK(at.answer().status == 200);
    Connection past = server.connect();
    past.send(head_with(21));
    CHECK(past.answer().status == 431);
    CHECK(past.closes());
  }

  TEST_CASE("url_bytes: past it 414") {
    const RunningServer server([](ServerPlace& place) { place.limit("url_bytes", 100); });
    CHECK(server.ask({.path = url_of(100)}).status == 200);
    Connection past = server.connect();
    CHECK(past.ask({.path = url_of(101)}).status == 414);
    CHECK(past.closes());
  }

  TEST_CASE("body_bytes: past it 413, before the body was sent") {
    const RunningServer server([](ServerPlace& place) { place.limit("body_bytes", 1'000); });
    CHECK(server.post(kSecrets, body_of(1'000)).status == 200);
    Connection past = server.connect();
    past.send("POST /api/v1/secrets HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " +
              server.admin + "\r\nContent-Type: application/json\r\nContent-Length: 1001\r\n\r\n");
    const Answer answer = past.answer();
    CHECK(answer.status == 413);
    CHECK(answer.code() == "resource_exhausted");
    CHECK(past.closes());
    // In chunks, nobody says the size beforehand.
    for (const std::size_t bytes : {std::size_t{1'000}, std::size_t{1'001}}) {
      Connection chunked = server.connect();
      chunked.send("POST /api/v1/secrets HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " +
                   server.admin +
                   "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
      std::string body = body_of(bytes);
      body.replace(body.find("\"s\""), 3, bytes == 1'000 ? "\"t\"" : "\"u\"");
      const std::string first = body.substr(0, 500), second = body.substr(500);
      chunked.try_send("1f4\r\n" + first + "\r\n" + (bytes == 1'000 ? "1f4" : "1f5") + "\r\n" +
                       second + "\r\n0\r\n\r\n");
      CHECK(chunked.answer().status == (bytes == 1'000 ? 200 : 413));
    }
  }

  TEST_CASE("json_depth and json_nodes: past them 400") {
    const RunningServer server([](ServerPlace& place) {
      place.limit("json_depth", 8);
      place.limit("json_nodes", 50);
    });
    const auto create = [&](const std::string& body) {
      const Answer answer = server.post(kSecrets, body);
      if (answer.status == 200)
        server.remove("/api/v1/secrets/" + text_of(answer.json().at("id")));
      else
        CHECK(answer.code() == "invalid_argument");
      return answer.status;
    };
    CHECK(create(nested(8)) == 200);
    CHECK(create(nested(9)) == 400);
    CHECK(create(body_with_nodes(50)) == 200);
    CHECK(create(body_with_nodes(51)) == 400);
  }

  TEST_CASE("receive_time_ms: a request that takes longer gets 408") {
    const RunningServer server([](ServerPlace& place) { place.limit("receive_time_ms", 200); });
    for (const char* const start :
         {"G", "GET /health HTTP/1.1\r\nHost: localhost\r\n",
          "POST /api/v1/secrets HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"}) {
      CAPTURE(std::string(start));
      Connection connection = server.connect();
      connection.send(start);
      CHECK(connection.answer().status == 408);
      CHECK(connection.closes());
    }
    // It begins with a request's first byte; the time between two requests is another's.
    Connection patient = server.connect();
    CHECK(patient.ask({.path = "/health"}).status == 200);
    CHECK(patient.stays_silent(std::chrono::milliseconds(400)));
    CHECK(patient.ask({.path = "/health"}).status == 200);
  }

  TEST_CASE("idle_time_ms: a connection that says nothing is closed without a word") {
    const RunningServer server([](ServerPlace& place) {
      place.limit("idle_time_ms", 200);
      place.limit("receive_time_ms", 200);  // What a new connection has until it begins.
    });
    Connection silent = server.connect();
    CHECK(silent.closes());
    Connection once = server.connect();
    CHECK(once.ask({.path = "/health"}).status == 200);
    CHECK(once.closes());
  }

  TEST_CASE("send_time_ms: who does not read is left, and others are served") {
    const RunningServer server([](ServerPlace& place) { place.limit("send_time_ms", 300); });
    Connection deaf = server.connect({.receive_buffer = 4'096});
    std::string many;
    for (int i = 0; i < 200; ++i) many += Ask{.path = "/openapi.json"}.bytes();
    while (deaf.try_send(many, std::chrono::milliseconds(100))) {
    }
    CHECK(deaf.breaks_off());
    CHECK(server.ask({.path = "/health"}).status == 200);
  }

  TEST_CASE("request_time_ms: a call to the store that takes longer gets 504") {
    const RunningServer server([](ServerPlace& place) {
      use_gate(place);
      place.limit("request_time_ms", 200);
    });
    const kist::core::FileDescriptor shut(
        ::open((server.place.path() / "gate").c_str(), O_RDWR | O_CLOEXEC));
    const Answer answer = server.post(kSecrets, secret_json("s"));
    CHECK(answer.status == 504);
    CHECK(answer.code() == "deadline_exceeded");
  }

  TEST_CASE("connections: past it 503 and closed, and one that ends makes room") {
    const RunningServer server([](ServerPlace& place) { place.limit("connections", 3); });
    std::vector<Connection> held;
    for (int i = 0; i < 3; ++i) {
      held.push_back(server.connect());
      CHECK(held.back().ask({.path = "/health"}).status == 200);
    }
    Connection past = server.connect();
    CHECK(past.answer().status == 503);
    CHECK(past.closes());
    held.pop_back();
    CHECK(eventually([&] { return server.ask({.path = "/health"}).status == 200; }));
    CHECK(held.front().ask({.path = "/health"}).status == 200);
  }

  TEST_CASE("requests_in_flight: past it 503 with Retry-After") {
    const RunningServer server([](ServerPlace& place) {
      use_gate(place);
      place.limit("requests_in_flight", 2);
    });
    kist::core::FileDescriptor gate(
        ::open((server.place.path() / "gate").c_str(), O_RDWR | O_CLOEXEC));
    const auto post = [&](const char* name) {
      return Ask{
          .method = "POST", .path = kSecrets, .body = secret_json(name), .token = server.admin}
          .bytes();
    };
    // On one connection each, of which two wait, and each of the others is told so.
    std::vector<Connection> all;
    for (int i = 0; i < 4; ++i) {
      all.push_back(server.connect());
      all.back().send(post(std::to_string(i).c_str()));
    }
    int refused = 0;
    std::vector<Connection*> waiting;
    for (Connection& connection : all) {
      if (refused == 2 || connection.stays_silent(std::chrono::seconds(2))) {
        waiting.push_back(&connection);
        continue;
      }
      const Answer answer = connection.answer();
      CHECK(answer.status == 503);
      CHECK(answer.header("Retry-After"));
      ++refused;
    }
    CHECK(refused == 2);
    CHECK(server.ask({.path = "/health"}).status == 200);
    gate = kist::core::FileDescriptor();
    for (Connection* const connection : waiting)
      CHECK(answer_through_gate(server.place, *connection).status == 200);
  }

  TEST_CASE("store_threads: past it requests wait, and are answered") {
    const RunningServer server([](ServerPlace& place) {
      use_gate(place);
      place.limit("store_threads", 1);
    });
    std::vector<Connection> all;
    for (int i = 0; i < 3; ++i) {
      all.push_back(server.connect());
      all.back().send(Ask{.method = "POST",
                          .path = kSecrets,
                          .body = secret_json(std::to_string(i)),
                          .token = server.admin}
                          .bytes());
    }
    for (Connection& connection : all)
      CHECK(answer_through_gate(server.place, connection).status == 200);
  }

  TEST_CASE("a secret's own limits are told with 413 or 400") {
    const RunningServer server([](ServerPlace& place) { place.limit("json_nodes", 100'000); });
    const auto with = [](std::size_t keys, std::size_t value_bytes) {
      boost::json::object values;
      for (std::size_t i = 0; i < keys; ++i)
        values[std::to_string(1'000 + i)] = std::string(value_bytes, 'v');
      return secret_json("k" + std::to_string(keys) + "-" + std::to_string(value_bytes),
                         ", \"values\": " + boost::json::serialize(values));
    };
    CHECK(server.post(kSecrets, with(1'000, 1)).status == 200);
    CHECK(server.post(kSecrets, with(1'001, 1)).status == 413);
    CHECK(server.post(kSecrets, with(1, 65'536 - 4)).status == 200);
    CHECK(server.post(kSecrets, with(1, 65'536 - 3)).status == 413);
    CHECK(server.post(kSecrets, secret_json(std::string(255, 'n'))).status == 200);
    CHECK(server.post(kSecrets, secret_json(std::string(256, 'n'))).status == 400);
    CHECK(server.get(kSecrets + std::string("?size=10000")).status == 200);
    CHECK(server.get(kSecrets + std::string("?size=10001")).status == 422);
  }

  TEST_CASE("a limit that is out of its range is refused before anything is served") {
    for (const char* const limit :
         {R"("body_bytes": 63)", R"("connections": 0)", R"("url_bytes": "many")",
          R"("no_such_limit": 1)", R"("json_depth": -1)"}) {
      const Workplace workplace;
      workplace.configure(
          R"({"secrets_store": {"type": "memory"}, "http": {"listen": ["127.0.0.1:0"], "limits": {)" +
          std::string(limit) + "}}}");
      const Ended ended = workplace.kist({"serve"});
      CAPTURE(std::string(limit));
      CHECK(ended.exit_code == 2);
      CHECK(ended.err.find("limits") != std::string::npos);
    }
  }
}
