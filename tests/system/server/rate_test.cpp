// SPDX-License-Identifier: Apache-2.0
// AT-53: how often each may ask.
#include <string>
#include <thread>
#include <vector>

#include <boost/json/object.hpp>
#include <doctest/doctest.h>

#include "server_place.hpp"

using namespace kist::testing;

namespace {

constexpr const char* kSecrets = "/api/v1/secrets";

struct Tally {
  int granted = 0, throttled = 0, other = 0;
};

Tally ask_often(Connection& connection, const Ask& ask, int times) {
  Tally tally;
  for (int i = 0; i < times; ++i) {
    const Answer answer = connection.ask(ask);
    if (answer.status != 429) {
      ++(answer.status == 200 || answer.status == 401 ? tally.granted : tally.other);
      continue;
    }
    ++tally.throttled;
    CHECK(answer.header("Retry-After") == "1");
    CHECK(answer.code() == "resource_exhausted");
  }
  return tally;
}

}  // namespace

TEST_SUITE("server/rates") {
  TEST_CASE("AT-53: each principal has a rate of its own, wherever it comes from") {
    std::string other;
    const RunningServer server([&](ServerPlace& place) {
      other = place.add_token("other", {{"*", "reader"}});
      place.limit("requests_per_second", 20);
    });
    Connection one = server.connect(), two = server.connect({.source = "127.0.0.2"});
    const auto start = std::chrono::steady_clock::now();
    const Tally first = ask_often(one, {.path = kSecrets, .token = server.admin}, 100);
    const Tally second = ask_often(two, {.path = kSecrets, .token = server.admin}, 100);
    const auto seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    // A second's worth at once, and what time brings.
    CHECK(first.granted >= 20);
    CHECK(first.granted + second.granted <= 20 + static_cast<int>(20 * seconds) + 1);
    CHECK(first.other + second.other == 0);
    CHECK(ask_often(two, {.path = kSecrets, .token = other}, 20).granted == 20);
    CHECK(one.ask({.path = "/health"}).status == 200);
  }

  TEST_CASE(
      "AT-16, AT-53: strangers share the rate of their network, and keep no principal waiting") {
    const RunningServer server([](ServerPlace& place) { place.limit("strangers_per_second", 10); });
    Connection guessing = server.connect();
    const auto start = std::chrono::steady_clock::now();
    Tally tally;
    // However a guess is spelled, and whatever else is asked: it is one more from there.
    for (const char* const guess : {"a-guess", "A-GUESS", "a-guess.", "another", ""}) {
      const Tally more = ask_often(guessing, {.path = kSecrets, .token = guess}, 20);
      tally.granted += more.granted;
      tally.throttled += more.throttled;
      tally.other += more.other;
    }
    const auto seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    CHECK(tally.granted >= 10);
    CHECK(tally.granted <= 10 + static_cast<int>(10 * seconds) + 1);
    CHECK(tally.throttled > 0);
    CHECK(tally.other == 0);
    // Many addresses that are one network each.
    Connection elsewhere = server.connect({.source = "127.0.0.9"});
    CHECK(elsewhere.ask({.path = kSecrets, .token = "a-guess"}).status == 401);
    CHECK(guessing.ask({.path = kSecrets, .token = server.admin}).status == 200);
  }

  TEST_CASE("AT-16, AT-53: a burst from many connections gets no more than one from one") {
    const RunningServer server([](ServerPlace& place) {
      place.limit("requests_per_second", 50);
      place.limit("strangers_per_second", 50);
    });
    for (const std::string& token : {server.admin, std::string("a-guess")}) {
      const auto start = std::chrono::steady_clock::now();
      std::vector<Tally> tallies(8);
      std::vector<std::thread> threads;
      for (Tally& tally : tallies) {
        threads.emplace_back([&] {
          Connection connection = server.connect();
          for (int i = 0; i < 50; ++i) {
            const int status = connection.ask({.path = kSecrets, .token = token}).status;
            ++(status == 200 || status == 401 ? tally.granted
               : status == 429                ? tally.throttled
                                              : tally.other);
          }
        });
      }
      for (std::thread& thread : threads) thread.join();
      const auto seconds =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      int granted = 0;
      for (const Tally& tally : tallies) {
        granted += tally.granted;
        CHECK(tally.other == 0);
      }
      CHECK(granted >= 50);
      CHECK(granted <= 50 + static_cast<int>(50 * seconds) + 1);
    }
  }

  TEST_CASE("AT-43, AT-53: what is throttled is counted and audited") {
    const RunningServer server([](ServerPlace& place) { place.limit("requests_per_second", 5); });
    Connection connection = server.connect();
    const Tally tally = ask_often(connection, {.path = kSecrets, .token = server.admin}, 50);
    int audited = 0;
    for (const auto& record : server.place.audit_records())
      audited += record.at("status") == 429 ? 1 : 0;
    CHECK(tally.throttled > 0);
    CHECK(audited == tally.throttled);
  }
}
