// SPDX-License-Identifier: Apache-2.0
// SIGTERM: what is in flight ends, nothing new begins.
#include <signal.h>

#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <doctest/doctest.h>

#include "gate.hpp"
#include "server_place.hpp"
#include "traffic.hpp"

using namespace kist::testing;

namespace {

constexpr const char* kSecrets = "/api/v1/secrets";

Ask post(const RunningServer& server, const std::string& name) {
  return {.method = "POST", .path = kSecrets, .body = secret_json(name), .token = server.admin};
}

bool lets_nobody_in(const RunningServer& server) {
  try {
    server.ask({.path = "/health"});
    return false;
  } catch (const NoAnswer&) {
    return true;
  }
}

}  // namespace

TEST_SUITE("server/stop") {
  TEST_CASE("SIGTERM and SIGINT end an idle server at once, with 0, whoever is connected") {
    for (const int signal : {SIGTERM, SIGINT}) {
      const RunningServer server([](ServerPlace& place) {
        for (const char* const time : {"stop_time_ms", "idle_time_ms", "receive_time_ms"})
          place.limit(time, 86'400'000);
      });
      Connection idle = server.connect(), silent = server.connect(), begun = server.connect();
      CHECK(idle.ask({.path = "/health"}).status == 200);
      begun.send("GET /hea");
      server.process->send(signal);
      CHECK(server.process->wait_for_end() == 0);
      CHECK(idle.closes());
      CHECK(silent.closes());
    }
  }

  TEST_CASE("stop_time_ms: a request that has only begun is not waited for any longer") {
    const RunningServer server([](ServerPlace& place) { place.limit("stop_time_ms", 200); });
    Connection begun = server.connect();
    begun.send("GET /hea");
    server.process->send(SIGTERM);
    CHECK(server.process->wait_for_end() == 0);
    CHECK(begun.rest().empty());
  }

  TEST_CASE("a request in flight is answered, and its connection closed behind it") {
    const RunningServer server(use_gate);
    Connection waiting = server.connect(), idle = server.connect();
    CHECK(idle.ask({.path = "/health"}).status == 200);
    waiting.send(post(server, "s").bytes());
    kist::core::FileDescriptor gate = wait_for_gate(server.place);
    server.process->send(SIGTERM);
    CHECK(eventually([&] { return lets_nobody_in(server); }));
    CHECK(!server.process->has_ended());
    gate = kist::core::FileDescriptor();
    const Answer answer = waiting.answer();
    CHECK(answer.status == 200);
    CHECK(answer.closes());
    CHECK(waiting.closes());
    CHECK(idle.closes());
    CHECK(server.process->wait_for_end() == 0);
  }

  TEST_CASE("stop_time_ms: a request that does not end by then is cancelled, and the server ends") {
    const RunningServer server([](ServerPlace& place) {
      use_gate(place);
      place.limit("stop_time_ms", 200);
    });
    Connection waiting = server.connect();
    waiting.send(post(server, "s").bytes());
    const kist::core::FileDescriptor gate = wait_for_gate(server.place);
    server.process->send(SIGTERM);
    CHECK(server.process->wait_for_end() == 0);
    const std::string rest = waiting.rest();
    CHECK((rest.empty() || rest.starts_with("HTTP/1.1 50")));
  }

  TEST_CASE("a second SIGTERM does not wait for what is in flight") {
    const RunningServer server(use_gate);
    Connection waiting = server.connect();
    waiting.send(post(server, "s").bytes());
    const kist::core::FileDescriptor gate = wait_for_gate(server.place);
    server.process->send(SIGTERM);
    CHECK(eventually([&] { return lets_nobody_in(server); }));
    server.process->send(SIGTERM);
    const int end = server.process->wait_for_end();
    CHECK((end == 0 || end == -SIGTERM));
  }

  TEST_CASE("under load every create that was answered with 200 is there after a stop") {
    RunningServer server;
    std::vector<std::vector<std::string>> made(8);
    {
      Traffic traffic(made.size(), [&](std::size_t thread, std::uint64_t turn) {
        thread_local Connection connection = server.connect();
        const Answer answer =
            connection.ask(post(server, std::to_string(thread) + "-" + std::to_string(turn)));
        if (answer.status == 200) made[thread].push_back(text_of(answer.json().at("id")));
        return answer.status == 200 && !answer.closes();
      });
      traffic.wait_for_turns(300);
      CHECK(server.process->stop() == 0);
      traffic.wait();
    }
    server.restart();
    std::int64_t count = 0;
    Connection connection = server.connect();
    for (const auto& ids : made) {
      for (const std::string& id : ids) {
        CHECK(connection.ask({.path = kSecrets + ("/" + id), .token = server.admin}).status == 200);
        ++count;
      }
    }
    CHECK(count >= 300);
    // No create is answered twice or done unasked; one for each thread may have lost its answer.
    const std::int64_t total = server.get(kSecrets).json().at("total").as_int64();
    CHECK(total >= count);
    CHECK(total <= count + 8);
    CHECK(server.place.kist({"audit", "verify"}).exit_code == 0);
  }
}
