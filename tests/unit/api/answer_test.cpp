// SPDX-License-Identifier: Apache-2.0
// The way of a request: what is checked in which order, and where it runs.
#include <new>
#include <stdexcept>
#include <string>

#include <doctest/doctest.h>

#include "api_fixture.hpp"

namespace kist::api::testing {
namespace {

const std::string kSecrets = "/api/v1/secrets";

TEST_SUITE("host/api answer") {
  TEST_CASE_FIXTURE(ApiFixture, "AT-01: a bad path is 400, whoever asks and whatever is there") {
    for (const std::string who : {"", "alice", "root"}) {
      for (const char* const path :
           {"/api/v1/secrets/a/../b", "/api/v1/secrets/./x", "/api/v1/secrets/%2e%2e",
            "/api/v1/secrets/a%2Fb", "/api/v1/secrets/%252e", "/api/v1//secrets",
            "/api/v1/secrets/", "/api/v1/secrets/x.", "/api/v1/secrets/a\\b", "/api/v1/secrets/a;x",
            "/api/v1/secrets/%00", "/api/v1/secrets/%C0%AE", "/api/v1/secrets/%ED%A0%80",
            "/nothing/..", "//", "/health/", "/metrics/."}) {
        CAPTURE(path);
        const Got got = ask("GET", path, {.who = who});
        CHECK(got.status == 400);
        CHECK(got.text("code") == "invalid_argument");
        CHECK(got.text("detail.0") == "ValueError");
      }
    }
    CHECK(memory.calls.empty());
  }

  TEST_CASE_FIXTURE(ApiFixture, "a path that is none is 404, for everybody") {
    for (const std::string who : {"", "alice"}) {
      for (const char* const path :
           {"/", "/api", "/api/v1", "/api/v2/secrets", "/secrets", "/api/v1/Secrets", "/HEALTH",
            "/api/v1/secrets/a/b", "/api/v1/secrets_operations/other", "/1/2/3/4/5/6/7/8/9"}) {
        CAPTURE(path);
        CHECK(ask("GET", path, {.who = who}).failure() ==
              "404 not_found: there is nothing at this path; see /openapi.json");
      }
    }
  }

  TEST_CASE_FIXTURE(ApiFixture, "AT-30: a method that a path does not have is 405, with Allow") {
    struct Case {
      const char* path;
      const char* allow;
    };
    const Case cases[] = {
        {"/api/v1/secrets", "POST, GET, HEAD"},
        {"/api/v1/secrets/00000000-0000-0000-0000-000000000001", "GET, HEAD, PUT, DELETE"},
        {"/api/v1/workspaces/default/secrets", "POST"},
        {"/api/v1/secrets_operations/backup", "PUT"},
        {"/health", "GET, HEAD"},
    };
    for (const Case& c : cases) {
      for (const char* const method : {"OPTIONS", "TRACE", "PATCH", "CONNECT", "get", "QUERY"}) {
        CAPTURE(c.path);
        const Got got = ask(method, c.path);
        CHECK(got.failure() ==
              "405 invalid_argument: this path does not have this method; it has " +
                  std::string(c.allow));
        CHECK(got.header("Allow") == c.allow);
      }
    }
    CHECK(ask("HEAD", "/api/v1/workspaces/default/secrets").status == 405);
    CHECK(ask("DELETE", kSecrets).status == 405);
    CHECK(memory.calls.empty());
  }

  TEST_CASE_FIXTURE(ApiFixture, "AT-53: beyond its rate a principal waits, and no other does") {
    generations.now->http_limits.requests_per_second = 3;
    for (int i = 0; i < 3; ++i) CHECK(ask("GET", kSecrets).status == 200);
    const std::size_t calls = memory.calls.size();
    const Got late = ask("GET", kSecrets);
    CHECK(late.failure() ==
          "429 resource_exhausted: this principal asks too often; wait before the next");
    CHECK(late.header("Retry-After") == "1");
    CHECK(late.text("detail.0") == "RuntimeError");
    CHECK(memory.calls.size() == calls);
    CHECK(ask("GET", kSecrets, {.who = "bob"}).status == 200);
    CHECK(ask("GET", "/api/v1/version").status == 429);
  }

  TEST_CASE_FIXTURE(ApiFixture, "AT-53: strangers share the rate of their network") {
    generations.now->http_limits.strangers_per_second = 2;
    const Asked first{.who = "", .peer = {"127.0.0.1:1", "127.0.0.1", {}, {}}};
    const Asked wrong{.authorization = "Bearer wrong",
                      .peer = {"127.0.0.1:2", "127.0.0.1", {}, {}}};
    const Asked elsewhere{.who = "", .peer = {"[2001:db8::1]:1", "2001:db8::/64", {}, {}}};
    CHECK(ask("GET", kSecrets, first).status == 401);
    CHECK(ask("GET", kSecrets, wrong).status == 401);
    const Got late = ask("GET", kSecrets, wrong);
    CHECK(late.status == 429);
    CHECK(late.header("Retry-After") == "1");
    CHECK(ask("GET", "/metrics", first).status == 429);
    CHECK(ask("GET", "/openapi.json", first).status == 429);
    CHECK(ask("GET", kSecrets, elsewhere).status == 401);
    CHECK(ask("GET", kSecrets).status == 200);
    for (int i = 0; i < 5; ++i) {
      CHECK(ask("GET", "/health", first).status == 200);
      CHECK(ask("GET", "/ready", first).status == 200);
    }
  }

  TEST_CASE_FIXTURE(ApiFixture, "limits of a new generation count from the next request on") {
    generations.now->http_limits.requests_per_second = 1;
    CHECK(ask("GET", kSecrets).status == 200);
    CHECK(ask("GET", kSecrets).status == 429);
    auto next = generation();
    generations.now = std::move(next);
    CHECK(ask("GET", kSecrets).status == 200);
  }

  TEST_CASE_FIXTURE(ApiFixture, "a generation that is the same keeps its buckets") {
    generations.now->http_limits.requests_per_second = 1;
    CHECK(ask("GET", kSecrets).status == 200);
    auto next = generation();
    next->http_limits.requests_per_second = 1;
    generations.now = std::move(next);
    CHECK(ask("GET", kSecrets).status == 429);
  }

  TEST_CASE_FIXTURE(ApiFixture, "a get from a local store runs where it is, all else in the pool") {
    const std::string path = path_of(create("db"));
    const auto taken = [&](std::string_view method, const std::string& target) {
      const std::size_t before = pool.taken;
      ask(method, target, {.body = R"({"name": "x"})"});
      return pool.taken - before;
    };
    CHECK(taken("GET", path) == 0);
    CHECK(taken("HEAD", path) == 0);
    CHECK(taken("GET", kSecrets) == 1);
    CHECK(taken("PUT", path) == 1);
    CHECK(taken("DELETE", path) == 1);
    CHECK(taken("POST", kSecrets) == 1);
    CHECK(taken("POST", "/api/v1/workspaces/default/secrets") == 1);
    for (const char* const here : {"/api/v1/info", "/api/v1/current-user", "/api/v1/workspaces",
                                   "/health", "/metrics", "/openapi.json"})
      CHECK(taken("GET", here) == 0);
    generations.now->is_local = false;
    CHECK(taken("GET", path) == 1);
  }

  TEST_CASE_FIXTURE(ApiFixture, "a full pool is 503, and the store is not asked") {
    const std::string path = path_of(create("db"));
    const std::size_t calls = memory.calls.size();
    pool.mode = Pool::Mode::full;
    const Got got = ask("DELETE", path);
    CHECK(got.failure() == "503 unavailable: too many requests wait for the store; try again");
    CHECK(got.header("Retry-After") == "1");
    CHECK(memory.calls.size() == calls);
    CHECK(ask("GET", path).status == 200);
  }

  TEST_CASE_FIXTURE(ApiFixture, "a request keeps the generation that it began with") {
    pool.mode = Pool::Mode::holds;
    const auto one = exchange("GET", kSecrets);
    api->handle(*one);
    CHECK(!one->is_finished());
    std::weak_ptr<const Generation> old = generations.now;
    generations.now = generation();
    CHECK(!old.expired());
    pool.held.front()();
    CHECK(one->got().status == 200);
    CHECK(old.expired());
  }

  TEST_CASE_FIXTURE(ApiFixture, "a bug is 500, and its details are for the log alone") {
    const std::string path = path_of(create("db"));
    store.fails = [] { throw std::runtime_error("canary at 0x1234"); };
    const Got got = ask("GET", path);
    CHECK(got.failure() ==
          "500 internal: a bug; the host's log says more, under the id of this request");
    CHECK(got.text("detail.0") == "RuntimeError");
    REQUIRE(said.size() == 1);
    CHECK(said[0] == "request " + got.text("request_id") + ": a bug: canary at 0x1234");
    store.fails = [] { throw 7; };
    CHECK(ask("GET", path).status == 500);
    CHECK(said[1].ends_with(": a bug: something unknown was thrown"));
  }

  TEST_CASE_FIXTURE(ApiFixture, "without memory it is 503, and later may work") {
    const std::string path = path_of(create("db"));
    store.fails = [] { throw std::bad_alloc(); };
    const Got got = ask("GET", path);
    CHECK(got.failure() == "503 unavailable: there is not enough memory for this request now");
    CHECK(got.header("Retry-After") == "1");
  }

  TEST_CASE_FIXTURE(ApiFixture, "a write that a bug or a lack of memory ends may have been made") {
    const std::string path = path_of(create("db"));
    store.fails = [] { throw std::runtime_error("canary"); };
    const Got bug = ask("PUT", path, {.body = R"({"values": {}})"});
    CHECK(bug.status == 504);
    CHECK(bug.text("outcome") == "unknown");
    CHECK(said.back().ends_with(": a bug: canary"));
    store.fails = [] { throw std::bad_alloc(); };
    CHECK(ask("POST", kSecrets, {.body = R"({"name": "x"})"}).text("outcome") == "unknown");
    CHECK(ask("DELETE", path).text("outcome") == "unknown");
    store.fails = [] { throw Error(ErrorCode::unavailable, "acme: no"); };
    CHECK(ask("DELETE", path).failure() == "503 unavailable: acme: no");
  }

  TEST_CASE_FIXTURE(ApiFixture, "what is no request has the shape of every error") {
    for (const int status : {400, 408, 413, 414, 417, 431, 501, 503, 505}) {
      const Got got = refused(status, "the header is beyond a limit");
      CHECK(got.status == status);
      CHECK(got.text("detail.1") == "the header is beyond a limit");
      CHECK(got.text("request_id") == "request-" + std::to_string(requests));
      CHECK(got.close);
    }
    CHECK(refused(413, "x").text("code") == "resource_exhausted");
    CHECK(refused(408, "x").text("code") == "deadline_exceeded");
    CHECK(refused(501, "x").text("code") == "unimplemented");
    CHECK(refused(503, "x").header("Retry-After") == "1");
    CHECK(refused(400, "x", {.who = ""}).text("code") == "invalid_argument");
  }
}

}  // namespace
}  // namespace kist::api::testing
