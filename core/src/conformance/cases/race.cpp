// SPDX-License-Identifier: Apache-2.0
// Many at once: threads of one host, and hosts that share a store. Each racer says what it got; the
// main thread judges.

#include <algorithm>
#include <atomic>
#include <barrier>
#include <list>
#include <thread>

#include <doctest/doctest.h>

#include "samples.hpp"
#include "store_client.hpp"
#include "worker.hpp"

namespace kist::conformance {
namespace {

constexpr std::size_t kRacers = 8;
constexpr int kRounds = 20;

/// Runs `racer(number)` on kRacers threads that start together, and returns what each got.
template <class Racer>
std::vector<std::string> race(Racer racer) {
  std::vector<std::string> outcomes(kRacers);
  std::barrier start(static_cast<std::ptrdiff_t>(kRacers));
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kRacers; ++i) {
      threads.emplace_back([&, i] {
        start.arrive_and_wait();
        outcomes[i] = outcome_of([&] { racer(i); });
      });
    }
  }
  return outcomes;
}

/// "1 done, 7 conflict".
std::string tally(const std::vector<std::string>& outcomes) {
  std::vector<std::string> sorted = outcomes;
  std::sort(sorted.begin(), sorted.end());
  std::string done = std::to_string(std::count(sorted.begin(), sorted.end(), "done")) + " done";
  std::erase(sorted, "done");
  while (!sorted.empty()) {
    const std::string other = sorted.front();
    done += ", " + std::to_string(std::erase(sorted, other)) + " " + other;
  }
  return done;
}

/// The workers of one race, each ready.
std::list<Worker> workers(const StoreHome& home, std::string_view job, std::size_t count) {
  std::list<Worker> started;
  for (std::size_t i = 0; i < count; ++i) started.emplace_back(home, job);
  for (Worker& worker : started) REQUIRE(worker.read_line() == "ready");
  return started;
}

TEST_SUITE("race") {
  TEST_CASE("ST-3: of N racing creators exactly one wins") {
    const StoreHome home;
    StoreClient store(home);
    for (int round = 0; round < kRounds; ++round) {
      const std::string name = "name " + std::to_string(round);
      std::vector<Secret> secrets;
      for (std::size_t i = 0; i < kRacers; ++i) {
        secrets.push_back(secret_named(name, {{"racer", std::to_string(i)}}));
      }
      const auto outcomes = race([&](std::size_t i) { store.create(secrets[i]); });
      CHECK(tally(outcomes) == "1 done, 7 already_exists");
      for (std::size_t i = 0; i < kRacers; ++i) {
        CHECK(store.text(secrets[i].id) ==
              (outcomes[i] == "done" ? text_of(secrets[i]) : "not_found"));
      }
    }
    CHECK(store.list().rows.size() == kRounds);
  }

  TEST_CASE("ST-3: of N racing creators with one id exactly one wins") {
    const StoreHome home;
    StoreClient store(home);
    for (int round = 0; round < kRounds; ++round) {
      const Uuid id = random_id();
      const auto outcomes = race([&](std::size_t i) {
        Secret secret = secret_named(std::to_string(round) + "/" + std::to_string(i));
        secret.id = id;
        store.create(secret);
      });
      CHECK(tally(outcomes) == "1 done, 7 already_exists");
    }
    CHECK(store.list().rows.size() == kRounds);
  }

  TEST_CASE("ST-3: of N creators in as many processes exactly one wins") {
    KIST_APPLIES_IF(store_under_test().multi_process, "the store serves one process");
    const StoreHome home;
    auto racers = workers(home, "create", 4);
    for (int round = 0; round < kRounds; ++round) {
      for (Worker& worker : racers) worker.send("name " + std::to_string(round));
      std::vector<std::string> outcomes;
      for (Worker& worker : racers) outcomes.push_back(worker.read_line().value_or("gone"));
      CHECK(tally(outcomes) == "1 done, 3 already_exists");
    }
    StoreClient store(home);
    CHECK(store.list().rows.size() == kRounds);
  }

  TEST_CASE("ST-12: of N secrets that race for a new name exactly one gets it") {
    const StoreHome home;
    StoreClient store(home);
    std::vector<Secret> secrets;
    for (std::size_t i = 0; i < kRacers; ++i) {
      store.create(secrets.emplace_back(secret_named("racer " + std::to_string(i))));
    }
    for (int round = 0; round < kRounds; ++round) {
      const auto outcomes = race([&](std::size_t i) {
        SecretUpdate rename = update_of(secrets[i].id);
        rename.name = "name " + std::to_string(round);
        store.update(rename);
      });
      CHECK(tally(outcomes) == "1 done, 7 already_exists");
    }
    CHECK(store.list().rows.size() == kRacers);
  }

  TEST_CASE("ST-13: of N updates of one revision exactly one wins") {
    const StoreHome home;
    StoreClient store(home);
    const Secret secret = secret_named("name");
    store.create(secret);
    for (std::uint64_t round = 1; round <= kRounds; ++round) {
      const auto outcomes = race([&](std::size_t) {
        SecretUpdate update = update_of(secret.id);
        update.if_revision = round;
        store.update(update);
      });
      CHECK(tally(outcomes) == "1 done, 7 conflict");
    }
    CHECK(store.get(secret.id).revision == kRounds + 1);
  }

  TEST_CASE("ST-14: concurrent patches of different keys all survive") {
    const StoreHome home;
    StoreClient store(home);
    const Secret secret = secret_named("name", {});
    store.create(secret);
    const auto outcomes = race([&](std::size_t i) {
      for (int round = 0; round < kRounds; ++round) {
        SecretUpdate update = update_of(secret.id);
        const std::string key = std::to_string(i) + "/" + std::to_string(round);
        update.values = patch_of({{key, key}});
        store.update(update);
      }
    });
    CHECK(tally(outcomes) == "8 done");
    const Secret patched = store.get(secret.id);
    CHECK(patched.values.size() == kRacers * kRounds);
    CHECK(patched.revision == 1 + kRacers * kRounds);
  }

  TEST_CASE("ST-14: patches from several processes all survive") {
    KIST_APPLIES_IF(store_under_test().multi_process, "the store serves one process");
    const StoreHome home;
    StoreClient store(home);
    Secret secret = secret_named("name", {});
    secret.id = numbered_id(1);
    store.create(secret);
    auto racers = workers(home, "patch", 4);
    for (int round = 0; round < kRounds; ++round) {
      int number = 0;
      for (Worker& worker : racers) {
        worker.send(std::to_string(number++) + "/" + std::to_string(round));
      }
    }
    for (Worker& worker : racers) {
      for (int round = 0; round < kRounds; ++round) CHECK(worker.read_line() == "done");
    }
    const Secret patched = store.get(secret.id);
    CHECK(patched.values.size() == 4 * kRounds);
    CHECK(patched.revision == 1 + 4 * kRounds);
  }

  TEST_CASE("ST-14: a reader sees the old secret or the new one") {
    const StoreHome home;
    StoreClient store(home);
    const auto name = [](int n) { return "name " + std::to_string(n); };
    Secret secret = secret_named(name(0), {{"first", "0"}, {"last", "0"}});
    store.create(secret);
    std::atomic<bool> is_over = false;
    const auto outcomes = race([&](std::size_t i) {
      if (i == 0) {
        for (int n = 1; n <= 10 * kRounds; ++n) {
          SecretUpdate update = update_of(secret.id);
          update.name = name(n);
          update.values = patch_of({{"first", std::to_string(n)}, {"last", std::to_string(n)}});
          store.update(update);
        }
        is_over = true;
        return;
      }
      while (!is_over) {
        const Secret seen = store.get(secret.id);
        const std::string_view first = seen.values.find("first")->reveal();
        const bool is_whole = seen.values.find("last")->reveal() == first &&
                              seen.name == "name " + std::string(first) &&
                              std::to_string(seen.revision - 1) == first;
        const Listing listing = store.list();
        if (!is_whole || listing.rows.size() != 1 ||
            listing.rows[0].name != "name " + std::to_string(listing.rows[0].revision - 1)) {
          is_over = true;
          throw Error(ErrorCode::internal, "torn: " + text_of(seen));
        }
      }
    });
    CHECK(tally(outcomes) == "8 done");
  }

  TEST_CASE("ST-15: of N racing deletes exactly one finds the secret") {
    const StoreHome home;
    StoreClient store(home);
    for (int round = 0; round < kRounds; ++round) {
      const Secret secret = secret_named("name");
      store.create(secret);
      CHECK(tally(race([&](std::size_t) { store.remove(secret.id); })) == "1 done, 7 not_found");
    }
    CHECK(store.list().rows.empty());
  }
}

}  // namespace
}  // namespace kist::conformance
