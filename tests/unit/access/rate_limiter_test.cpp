// SPDX-License-Identifier: Apache-2.0
#include "access/rate_limiter.hpp"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

namespace kist::core {
namespace {

using namespace std::chrono_literals;

const RateLimiter::Clock::time_point kStart{1'000'000s};

/// How many of `attempts` at one instant are let through.
int taken(RateLimiter& limiter, std::string_view key, RateLimiter::Clock::time_point now,
          int attempts) {
  int count = 0;
  for (int i = 0; i < attempts; ++i) count += limiter.take(key, now) == 0s;
  return count;
}

TEST_SUITE("core/access/rate_limiter") {
  TEST_CASE("a second's worth may come at once, and no more (AT-53)") {
    for (const int rate : {1, 2, 3, 7, 100, 9'999}) {
      CAPTURE(rate);
      RateLimiter limiter(static_cast<std::uint64_t>(rate));
      CHECK(taken(limiter, "a", kStart, rate + 1) == rate);
      CHECK(limiter.take("a", kStart) == 1s);
    }
  }

  TEST_CASE("the next one may come exactly when its share of a second has passed") {
    struct Case {
      std::uint64_t rate;
      std::chrono::nanoseconds share;  // Of a second, rounded up.
    };
    for (const Case& c : {Case{1, 1s}, Case{2, 500ms}, Case{3, 333'333'334ns},
                          Case{7, 142'857'143ns}, Case{1'000, 1ms}, Case{1'000'000'000, 1ns}}) {
      CAPTURE(c.rate);
      RateLimiter limiter(c.rate);
      if (c.rate <= 1'000) {
        taken(limiter, "a", kStart, static_cast<int>(c.rate));
        CHECK(limiter.take("a", kStart + c.share - 1ns) == 1s);
        CHECK(limiter.take("a", kStart + c.share) == 0s);
        CHECK(limiter.take("a", kStart + c.share) == 1s);
      } else {
        CHECK(taken(limiter, "a", kStart, 1000) == 1000);
      }
    }
  }

  TEST_CASE("no rate is rounded: over an hour as many pass as it says") {
    constexpr int rate = 7;
    RateLimiter limiter(rate);
    int count = 0;
    auto now = kStart;
    for (; now < kStart + 1h; now += 37'111us) count += limiter.take("a", now) == 0s;
    CHECK(count >= 3600 * rate - 1);
    CHECK(count <= 3600 * rate + rate);
  }

  TEST_CASE("who was refused waits no longer for having asked") {
    RateLimiter limiter(10);
    taken(limiter, "a", kStart, 10);
    CHECK(taken(limiter, "a", kStart + 50ms, 1000) == 0);
    CHECK(taken(limiter, "a", kStart + 100ms, 1000) == 1);
  }

  TEST_CASE("a bucket holds a second's worth, however long it was left alone") {
    for (const auto wait :
         {RateLimiter::Clock::duration(1s), RateLimiter::Clock::duration(1s + 1ns),
          RateLimiter::Clock::duration(24h * 365 * 100)}) {
      RateLimiter limiter(5);
      taken(limiter, "a", kStart, 10);
      CHECK(taken(limiter, "a", kStart + wait, 10) == 5);
    }
    RateLimiter limiter(5);
    taken(limiter, "a", kStart, 10);
    CHECK(taken(limiter, "a", kStart + 999'999'999ns, 10) == 4);
  }

  TEST_CASE("an earlier time than the last adds nothing and takes nothing away (AT-53)") {
    RateLimiter limiter(10);
    taken(limiter, "a", kStart, 10);
    CHECK(taken(limiter, "a", kStart - 1h, 10) == 0);
    CHECK(taken(limiter, "a", kStart, 10) == 0);
    CHECK(taken(limiter, "a", kStart + 100ms, 10) == 1);
    CHECK(taken(limiter, "a", kStart + 50ms, 10) == 0);
    CHECK(taken(limiter, "a", kStart + 200ms, 10) == 1);
  }

  TEST_CASE("each has a bucket of its own, whatever its key is") {
    RateLimiter limiter(2);
    for (const std::string& key :
         {std::string("a"), std::string("b"), std::string(), std::string(1, '\0'),
          std::string(5000, 'x'), std::string("\xFF")}) {
      CAPTURE(key.size());
      CHECK(taken(limiter, key, kStart, 3) == 2);
    }
    CHECK(limiter.keys() == 6);
  }

  TEST_CASE("a rate of 0 lets nobody through, and one beyond all measure everybody") {
    RateLimiter none(0);
    CHECK(taken(none, "a", kStart, 10) == 0);
    CHECK(taken(none, "a", kStart + 1h, 10) == 0);
    RateLimiter all(UINT64_MAX);
    CHECK(taken(all, "a", kStart, 10'000) == 10'000);
  }

  TEST_CASE("a flood of keys takes no more memory than was set, and stops at its rate (AT-53)") {
    constexpr int rate = 3;
    RateLimiter limiter(rate, 64);
    CHECK(taken(limiter, "early", kStart, 1) == 1);
    int let_through = 0;
    for (int i = 0; i < 10'000; ++i) {
      const std::string key = "k" + std::to_string(i);
      let_through += limiter.take(key, kStart) == 0s;
      CHECK(limiter.keys() <= 64);
    }
    // Each that has a bucket takes one; the others share one bucket in each of sixteen parts.
    CHECK(let_through <= 64 + 16 * rate);
    CHECK(let_through >= 64 - 16);
    // Who was there before keeps what is left in the own bucket.
    CHECK(taken(limiter, "early", kStart, 10) == rate - 1);
  }

  TEST_CASE("when a flood has passed, newcomers have buckets of their own again") {
    RateLimiter limiter(3, 64);
    for (int i = 0; i < 1'000; ++i) taken(limiter, "k" + std::to_string(i), kStart, 5);
    for (int i = 0; i < 100; ++i) {
      const auto now = kStart + 1s + i * 1s;
      CHECK(taken(limiter, "n" + std::to_string(i), now, 5) == 3);
    }
    CHECK(limiter.keys() < 64);
  }

  TEST_CASE("a newcomer gets the room of somebody whose bucket is full again") {
    RateLimiter limiter(100, 16);
    for (int i = 0; i < 1'000; ++i) taken(limiter, "k" + std::to_string(i), kStart, 1);
    CHECK(limiter.keys() == 16);
    CHECK(taken(limiter, "early", kStart + 9ms, 200) < 100);
    CHECK(taken(limiter, "late", kStart + 10ms, 200) == 100);
    CHECK(limiter.keys() <= 16);
  }

  TEST_CASE("of those that were quiet nothing is kept, once others ask") {
    RateLimiter limiter(100);
    for (int i = 0; i < 1'000; ++i) taken(limiter, "k" + std::to_string(i), kStart, 1);
    CHECK(limiter.keys() <= 1'000);
    for (int i = 0; i < 2'000; ++i)
      taken(limiter, "n" + std::to_string(i % 400), kStart + 1min + i * 1ms, 1);
    CHECK(limiter.keys() <= 400);
  }

  TEST_CASE("without room for any key all share one bucket") {
    RateLimiter limiter(2, 0);
    CHECK(taken(limiter, "a", kStart, 3) == 2);
    CHECK(taken(limiter, "b", kStart, 3) == 0);
    CHECK(limiter.keys() == 0);
  }

  TEST_CASE("many threads take no more than there is, and no less") {
    constexpr int rate = 1'000;
    RateLimiter limiter(rate, 32);
    std::atomic<int> common = 0;
    std::vector<int> own(4);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < own.size(); ++i) {
      threads.emplace_back([&, i] {
        for (int round = 0; round < 3 * rate; ++round) {
          common += limiter.take("common", kStart) == 0s;
          own[i] += limiter.take("own " + std::to_string(i), kStart) == 0s;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(common == rate);
    CHECK(own == std::vector<int>(4, rate));
  }
}

}  // namespace
}  // namespace kist::core
