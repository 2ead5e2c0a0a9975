// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "api/readiness.hpp"
#include "api_fixture.hpp"

namespace kist::api::testing {
namespace {

TEST_SUITE("host/api ready") {
  TEST_CASE_FIXTURE(ApiFixture, "a host that can serve says so, without a token") {
    CHECK(ask("GET", "/ready", {.who = ""}).body == R"({"status":"ready"})");
    CHECK(ask("HEAD", "/ready", {.who = ""}).status == 200);
  }

  TEST_CASE_FIXTURE(ApiFixture, "the store is asked in the pool, and at most once a second") {
    for (int i = 0; i < 5; ++i) CHECK(ask("GET", "/ready").status == 200);
    CHECK(store.health_checks == 1);
    CHECK(pool.taken == 1);
  }

  TEST_CASE_FIXTURE(ApiFixture,
                    "a store that cannot serve is a reason, and its words are for the log") {
    store.health_failure = Error(ErrorCode::unavailable, "acme: db.internal:5432 refuses");
    const Got got = ask("GET", "/ready", {.who = ""});
    CHECK(got.status == 503);
    CHECK(got.text("detail.1") == "the host cannot serve now: the store cannot serve: unavailable");
    CHECK(got.text("status") == "not ready");
    CHECK(got.text("reasons") == R"(["the store cannot serve: unavailable"])");
    CHECK(got.header("Retry-After") == "1");
    CHECK(ask("GET", "/ready").status == 503);
    REQUIRE(said.size() == 1);
    CHECK(said[0] == "the store cannot serve: acme: db.internal:5432 refuses");
  }

  TEST_CASE_FIXTURE(ApiFixture,
                    "the log hears when the store falls ill and when it heals, not more") {
    std::vector<std::string> heard;
    Readiness readiness([&](std::string_view sentence) { heard.emplace_back(sentence); });
    const std::shared_ptr<const Generation> now = generations.now;
    readiness.ask(now);
    store.health_failure = Error(ErrorCode::store_denied, "acme: no");
    readiness.ask(now);
    readiness.ask(now);
    store.health_failure.reset();
    readiness.ask(now);
    readiness.ask(now);
    CHECK(heard == std::vector<std::string>{"the store cannot serve: acme: no",
                                            "the store can serve again"});
  }

  TEST_CASE_FIXTURE(ApiFixture, "a host that stops is not ready, and still alive") {
    api->stop();
    const Got got = ask("GET", "/ready");
    CHECK(got.status == 503);
    CHECK(got.text("reasons") == R"(["the host stops"])");
    CHECK(ask("GET", "/health").status == 200);
    CHECK(ask("GET", "/api/v1/secrets").status == 200);
  }

  TEST_CASE_FIXTURE(ApiFixture, "while one asks the store, others get what is known") {
    pool.mode = Pool::Mode::holds;
    const auto first = exchange("GET", "/ready");
    api->handle(*first);
    CHECK(!first->is_finished());
    CHECK(ask("GET", "/ready").text("reasons") == R"(["the store has not answered yet"])");
    pool.held.front()();
    CHECK(first->got().status == 200);
    CHECK(ask("GET", "/ready").status == 200);
    CHECK(store.health_checks == 1);
  }

  TEST_CASE_FIXTURE(ApiFixture, "a new generation's store is asked anew") {
    CHECK(ask("GET", "/ready").status == 200);
    generations.now = generation();
    CHECK(ask("GET", "/ready").status == 200);
    CHECK(store.health_checks == 2);
  }

  TEST_CASE_FIXTURE(ApiFixture, "a full pool is a reason, and does not stop the next question") {
    pool.mode = Pool::Mode::full;
    CHECK(ask("GET", "/ready").status == 503);
    pool.mode = Pool::Mode::runs;
    CHECK(ask("GET", "/ready").status == 200);
  }

  TEST_CASE_FIXTURE(ApiFixture, "a store that does not answer at all is a reason after a while") {
    Readiness readiness([](std::string_view) {});
    const std::shared_ptr<const Generation> now = generations.now;
    const auto start = Readiness::Clock::now();
    REQUIRE(readiness.begin(now, start));
    readiness.ask(now);
    CHECK(!readiness.problem(now, start));
    const auto later = start + Readiness::kFresh + Readiness::kDeadline;
    CHECK(readiness.begin(now, later));
    CHECK(!readiness.begin(now, later + 100 * Readiness::kDeadline));
    CHECK(!readiness.problem(now, later + Readiness::kDeadline));
    CHECK(readiness.problem(now, later + 3 * Readiness::kDeadline) == "the store does not answer");
    readiness.ask(now);
    CHECK(!readiness.problem(now, later + 3 * Readiness::kDeadline));
  }
}

}  // namespace
}  // namespace kist::api::testing
