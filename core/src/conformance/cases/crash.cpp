// SPDX-License-Identifier: Apache-2.0
// A host that is killed in the middle of its writes (AT-45). Another process makes a History, says
// each step that the store has acknowledged, and dies; what it leaves is compared with what it
// said.

#include <charconv>
#include <chrono>
#include <random>

#include <doctest/doctest.h>

#include "history.hpp"
#include "samples.hpp"
#include "worker.hpp"

namespace kist::conformance {
namespace {

constexpr int kCrashes = 20;

std::string text_after(std::uint64_t step) {
  const auto secret = History::after(step);
  return secret ? text_of(*secret) : "not_found";
}

/// Lets a worker go on from step `first`, and kills it at a moment that nobody chose. Returns the
/// number of steps that it said are done, counted from 0.
std::uint64_t run_and_kill(const StoreHome& home, std::uint64_t first, std::mt19937& random) {
  Worker worker(home, "history");
  REQUIRE(worker.read_line() == "ready");
  worker.send(std::to_string(first));
  std::uint64_t done = first;
  for (auto lines = random() % 20; lines > 0; --lines) {
    REQUIRE(worker.read_line() == std::to_string(done));
    ++done;
  }
  // Somewhere within the next steps, and not always right behind an answer.
  const auto moment = std::chrono::steady_clock::now() + std::chrono::microseconds(random() % 5000);
  while (std::chrono::steady_clock::now() < moment) continue;
  worker.kill();
  while (const auto line = worker.read_line()) {
    REQUIRE(*line == std::to_string(done));
    ++done;
  }
  return done;
}

TEST_SUITE("crash") {
  TEST_CASE("ST-14: after kill -9 every acknowledged write is there, and nothing is torn (AT-45)") {
    KIST_APPLIES_IF(store_under_test().persistent, "the store forgets");
    std::mt19937 random(store_under_test().seed);
    const StoreHome home;
    std::uint64_t next = 0;  // The first step that has not happened.
    for (int crash = 0; crash < kCrashes; ++crash) {
      next = run_and_kill(home, next, random);
      CAPTURE(crash);
      CAPTURE(next);
      StoreClient store(home);
      std::size_t existing = 0;
      const std::uint64_t under_way = History::number(next);
      for (std::uint64_t number = 0; number < under_way; ++number) {
        const std::uint64_t last = (number + 1) * History::kStepsPerSecret - 1;
        const std::string found = store.text(History::id(last));
        CHECK(found == text_after(last));
        if (found != "not_found") ++existing;
      }
      // The step that was under way happened, or did not.
      const bool is_first_step = next % History::kStepsPerSecret == 0;
      const std::string before = is_first_step ? "not_found" : text_after(next - 1);
      const std::string found = store.text(History::id(next));
      if (found != before) CHECK(found == text_after(next++));
      if (found != "not_found") ++existing;
      CHECK(store.list().rows.size() == existing);
    }
  }

  TEST_CASE("ST-2: after kill -9 names are free or taken as the secrets say") {
    KIST_APPLIES_IF(store_under_test().persistent, "the store forgets");
    std::mt19937 random(store_under_test().seed);
    const StoreHome home;
    std::uint64_t next = 0;
    for (int crash = 0; crash < 5; ++crash) {
      const std::uint64_t first = next;
      next = run_and_kill(home, first, random);
      StoreClient store(home);
      for (const SecretMetadata& row : store.list().rows) {
        CHECK(outcome_of([&] { store.create(secret_named(row.name)); }) == "already_exists");
      }
      for (std::uint64_t number = 0; number <= History::number(next); ++number) {
        const std::string text = store.text(History::id(number * History::kStepsPerSecret));
        if (text.find("'old ") != std::string::npos) continue;
        const Secret secret = secret_named("old " + std::to_string(number));
        CHECK(outcome_of([&] { store.create(secret); }) == "done");
        store.remove(secret.id);
      }
      next += 2 * History::kStepsPerSecret - next % History::kStepsPerSecret;  // Fresh secrets.
    }
  }
}

}  // namespace
}  // namespace kist::conformance
