// SPDX-License-Identifier: Apache-2.0
// Minutes of ordinary traffic, after which the server is as large as it was.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <doctest/doctest.h>

#include "server_place.hpp"
#include "traffic.hpp"

using namespace kist::testing;

namespace {

constexpr const char* kSecrets = "/api/v1/secrets";
constexpr std::size_t kThreads = 4;
/// A leak of as much in each request fails.
constexpr double kLeakBytes = 100;

std::chrono::seconds soak_time() {
  const char* const seconds = std::getenv("SOAK_SECONDS");
  return std::chrono::seconds(seconds == nullptr ? 60 : std::strtol(seconds, nullptr, 10));
}

/// What somebody does in one turn: a secret's life, lists, mistakes, and connections that come and
/// go.
class Visitor {
 public:
  Visitor(const RunningServer& server, std::size_t number) : server_(server), number_(number) {}

  /// The number of requests; 0: an answer was not what it had to be.
  std::size_t visit(std::uint64_t turn) {
    if (turn % 16 == 0 || !connection_) connection_.emplace(server_.connect());
    const std::string name = std::to_string(number_) + "-" + std::to_string(turn);
    const Answer made = ask("POST", kSecrets, secret_json(name));
    if (made.status != 200) return 0;
    const std::string path = kSecrets + ("/" + text_of(made.json().at("id")));
    bool good = true;
    for (int i = 0; i < 8; ++i) good = good && ask("GET", path).status == 200;
    good =
        good &&
        ask("PUT", path + "?patch_values=true", R"({"values": {"other": "value"}})").status == 200;
    good =
        good && ask("GET", kSecrets + std::string("?size=5&name=contains:") + name).status == 200;
    good = good && ask("POST", kSecrets, secret_json(name)).status == 409;
    good = good && ask("POST", kSecrets, "{").status == 422;
    good = good && ask("GET", "/api/v1/none").status == 404;
    good = good && connection_->ask({.path = path, .token = "nobody"}).status == 401;
    good = good && ask("DELETE", path).status == 200 && ask("GET", path).status == 404;
    return good ? 18 : 0;
  }

 private:
  Answer ask(const char* method, const std::string& path, const std::string& body = {}) {
    return connection_->ask({.method = method, .path = path, .body = body, .token = server_.admin});
  }

  const RunningServer& server_;
  const std::size_t number_;
  std::optional<Connection> connection_;
};

/// The least of a few looks: what is only on its way to be freed does not count.
std::size_t settled_rss(const ServerProcess& process) {
  std::size_t least = process.rss_bytes();
  for (int i = 0; i < 50; ++i) least = std::min(least, process.rss_bytes());
  return least;
}

}  // namespace

TEST_SUITE("server/soak") {
  TEST_CASE("a minute of ordinary traffic leaves memory and descriptors as they were") {
    const RunningServer server(
        [](ServerPlace& place) { place.limit("requests_per_second", 1'000'000); });
    std::vector<Visitor> visitors;
    for (std::size_t i = 0; i < kThreads; ++i) visitors.emplace_back(server, i);
    std::atomic<std::size_t> requests{0}, wrong{0};
    Traffic traffic(kThreads, [&](std::size_t thread, std::uint64_t turn) {
      const std::size_t done = visitors[thread].visit(turn);
      requests += done;
      wrong += done == 0 ? 1 : 0;
      return done > 0;
    });
    const auto begin = std::chrono::steady_clock::now(), end = begin + soak_time();
    // Caches, arenas and the log of SQLite have grown to their size by then.
    while (std::chrono::steady_clock::now() < begin + soak_time() / 4)
      traffic.wait_for_turns(traffic.turns() + 10);
    const std::size_t before = settled_rss(*server.process), counted = requests;
    const std::size_t descriptors = server.process->descriptors();
    while (std::chrono::steady_clock::now() < end) traffic.wait_for_turns(traffic.turns() + 10);
    const std::size_t after = settled_rss(*server.process), all = requests;
    traffic.stop();
    CHECK(wrong == 0);
    CHECK(traffic.broken() == 0);
    REQUIRE(all > counted);
    const double each = (static_cast<double>(after) - static_cast<double>(before)) /
                        static_cast<double>(all - counted);
    MESSAGE("requests: ", all, ", bytes for each: ", each);
    CHECK(each < kLeakBytes / 2);
    CHECK(server.process->descriptors() <= descriptors + 4);
    CHECK(server.get(kSecrets).json().at("total") == 0);
    CHECK(server.process->stop() == 0);
  }
}
