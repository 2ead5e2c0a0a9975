// SPDX-License-Identifier: Apache-2.0
#include "api/metrics.hpp"

#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "api_fixture.hpp"

namespace kist::api::testing {
namespace {

struct MetricsFixture : ApiFixture {
  /// The value of the first line that starts so; "" if there is none.
  std::string value(const std::string& start) const {
    const std::string text = "\n" + metrics.text();
    const std::size_t at = text.find("\n" + start);
    if (at == std::string::npos) return "";
    const std::string line = text.substr(at + 1, text.find('\n', at + 1) - at - 1);
    return line.substr(line.rfind(' ') + 1);
  }
  std::string requests(const std::string& code, const std::string& method,
                       const std::string& route) {
    return value("kist_http_requests_total{code=\"" + code + "\",method=\"" + method +
                 "\",route=\"" + route + "\"}");
  }
};

TEST_SUITE("host/api metrics") {
  TEST_CASE_FIXTURE(MetricsFixture, "requests are counted by route and status, and timed") {
    const std::string path = path_of(create("db"));
    ask("GET", path);
    ask("GET", path);
    ask("HEAD", path);
    ask("GET", path, {.who = "stranger"});
    ask("GET", "/nothing");
    ask("PATCH", path);
    ask("GET", "/api/v1/secrets/..");
    refused(431, "too long");
    const std::string one = "/api/v1/secrets/{id}";
    CHECK(requests("200", "GET", one) == "2");
    CHECK(requests("200", "HEAD", one) == "1");
    CHECK(requests("404", "GET", one) == "1");
    CHECK(requests("200", "POST", "/api/v1/secrets") == "1");
    CHECK(requests("404", "GET", "none") == "1");
    CHECK(requests("405", "other", "none") == "1");
    CHECK(requests("400", "GET", "none") == "1");
    CHECK(requests("431", "GET", "none") == "1");
    CHECK(value("kist_http_request_duration_seconds_count{method=\"GET\",route=\"" + one + "\"}") ==
          "4");
    CHECK(value("kist_http_requests_in_flight") == "0");
    CHECK(value("kist_build_info{version=\"" KIST_VERSION "\"}") == "1");
  }

  TEST_CASE_FIXTURE(MetricsFixture, "calls to the store are counted by their outcome") {
    const std::string path = path_of(create("db"));
    ask("PUT", path, {.body = R"({"values": {}})", .if_match = "\"7\""});
    ask("GET", "/api/v1/secrets");
    ask("GET", "/ready");
    ask("DELETE", path);
    ask("GET", path);
    const auto calls = [&](const std::string& code, const std::string& operation) {
      return value("kist_store_calls_total{code=\"" + code + "\",operation=\"" + operation + "\"}");
    };
    CHECK(calls("ok", "create") == "1");
    CHECK(calls("conflict", "update") == "1");
    CHECK(calls("ok", "list") == "1");
    CHECK(calls("ok", "health") == "1");
    CHECK(calls("ok", "delete") == "1");
    CHECK(calls("not_found", "get") == "1");
  }

  TEST_CASE_FIXTURE(MetricsFixture, "what is throttled is counted by who it was") {
    generations.now->http_limits.requests_per_second = 1;
    generations.now->http_limits.strangers_per_second = 1;
    for (int i = 0; i < 3; ++i) {
      ask("GET", "/api/v1/version");
      ask("GET", "/api/v1/version", {.who = ""});
    }
    CHECK(value("kist_http_throttled_total{who=\"principal\"}") == "2");
    CHECK(value("kist_http_throttled_total{who=\"stranger\"}") == "2");
  }

  TEST_CASE_FIXTURE(MetricsFixture, "a request that waits is in flight") {
    pool.mode = Pool::Mode::holds;
    const auto one = exchange("GET", "/api/v1/secrets");
    api->handle(*one);
    CHECK(value("kist_http_requests_in_flight") == "1");
    pool.held.front()();
    one->got();
    CHECK(value("kist_http_requests_in_flight") == "0");
  }

  TEST_CASE_FIXTURE(MetricsFixture, "other parts of the host add what they count") {
    double open = 3;
    metrics.add(Metrics::Kind::gauge, "kist_connections", "Open connections.",
                [&] { return open; });
    metrics.add(Metrics::Kind::counter, "kist_plugin_loads_total", "Plugins.", [] { return 2.0; });
    CHECK(value("kist_connections") == "3");
    open = 4;
    CHECK(value("kist_connections") == "4");
    CHECK(metrics.text().find("# TYPE kist_plugin_loads_total counter\n") != std::string::npos);
  }

  TEST_CASE_FIXTURE(MetricsFixture,
                    "AT-18: no label has a secret's, a principal's or a token's name") {
    const Got made = create("canary-secret");
    ask("GET", path_of(made), {.authorization = "Bearer canary-token"});
    ask("GET", "/api/v1/workspaces/canary-workspace");
    ask("CANARY", "/canary-path/..");
    ask("GET", "/canary-path?canary=query");
    const std::string text = metrics.text();
    for (const std::string& word :
         {std::string("canary"), std::string("CANARY"), made.text("id"), std::string("alice"),
          std::string("127.0.0.1"), principal("alice").id.to_string()}) {
      CAPTURE(word);
      CHECK(text.find(word) == std::string::npos);
    }
  }

  TEST_CASE("many threads count at once, from the first on") {
    Metrics metrics;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 500; ++j) {
          metrics.asked();
          metrics.answered(&routes()[0], http::Method::post, 200, std::chrono::microseconds(1));
          metrics.store_call(StoreOperation::get, std::nullopt);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(metrics.text().find("method=\"POST\",route=\"/api/v1/secrets\"} 4000\n") !=
          std::string::npos);
    CHECK(metrics.text().find("operation=\"get\"} 4000\n") != std::string::npos);
  }
}

}  // namespace
}  // namespace kist::api::testing
