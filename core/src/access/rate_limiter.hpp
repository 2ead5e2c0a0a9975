// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace kist::core {

/// How often each of many may ask: a bucket of tokens each, that holds a second's worth and is
/// refilled as time goes by. Bounded memory: of those that were quiet for long nothing is kept, and
/// when more are at it at once than it can tell apart, the newest share one bucket. Any thread.
class RateLimiter {
 public:
  using Clock = std::chrono::steady_clock;

  explicit RateLimiter(std::uint64_t per_second, std::size_t keys_max = 100'000);

  /// Zero: it may. Otherwise how long it has to wait, at least a second as HTTP counts it.
  std::chrono::seconds take(std::string_view key, Clock::time_point now);
};

}  // namespace kist::core
