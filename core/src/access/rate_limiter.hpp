// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace kist::core {

/// How often each of many may ask: a bucket of tokens each, that holds a second's worth and is
/// refilled as time goes by. Bounded memory: those who did not ask for a second are forgotten when
/// others do, and when more are at it at once than it can tell apart, the newest share a bucket.
/// Any thread.
class RateLimiter {
 public:
  using Clock = std::chrono::steady_clock;

  /// A rate of 0 lets nobody through; one beyond a thousand million is that.
  explicit RateLimiter(std::uint64_t per_second, std::size_t keys_max = 100'000);
  ~RateLimiter();

  /// Zero: it may. Otherwise how long it has to wait, in seconds as HTTP counts them. `key` is a
  /// principal's id or a network: all of it is kept. Different threads need not agree on `now`; one
  /// that is earlier than the last adds nothing.
  std::chrono::seconds take(std::string_view key, Clock::time_point now);

  /// How many are told apart at present, keys_max at most.
  std::size_t keys() const;

 private:
  class Shard;

  const std::uint64_t per_second_;
  const std::uint64_t salts_[2];  // So that nobody can choose keys that lie in one place.
  std::vector<std::unique_ptr<Shard>> shards_;  // A power of two of them.
};

}  // namespace kist::core
