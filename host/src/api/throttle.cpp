// SPDX-License-Identifier: Apache-2.0
#include "api/throttle.hpp"

namespace kist::api {

std::chrono::seconds Throttle::take(std::string_view key, std::uint64_t per_second,
                                    core::RateLimiter::Clock::time_point now) {
  std::shared_ptr<core::RateLimiter> limiter;
  {
    const std::scoped_lock lock(mutex_);
    if (limiter_ == nullptr || per_second_ != per_second) {
      limiter_ = std::make_shared<core::RateLimiter>(per_second);
      per_second_ = per_second;
    }
    limiter = limiter_;
  }
  return limiter->take(key, now);
}

}  // namespace kist::api
