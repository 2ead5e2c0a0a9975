// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>

#include "access/rate_limiter.hpp"

namespace kist::api {

/// A rate limiter whose rate is that of the configuration in force. Any thread.
class Throttle {
 public:
  /// Zero: it may. Otherwise how long it has to wait. Where `per_second` is another than before,
  /// everybody starts anew.
  std::chrono::seconds take(std::string_view key, std::uint64_t per_second,
                            core::RateLimiter::Clock::time_point now);

 private:
  std::mutex mutex_;
  std::uint64_t per_second_ = 0;                // Guarded by mutex_, as is:
  std::shared_ptr<core::RateLimiter> limiter_;  // Shared with calls of before a change.
};

}  // namespace kist::api
