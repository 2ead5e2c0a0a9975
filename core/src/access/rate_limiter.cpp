// SPDX-License-Identifier: Apache-2.0
#include "access/rate_limiter.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <mutex>
#include <string>
#include <utility>

#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/identity.hpp>
#include <boost/multi_index/sequenced_index.hpp>
#include <boost/multi_index_container.hpp>

#include "sealing/random_bytes.hpp"

namespace kist::core {
namespace {

namespace mi = boost::multi_index;

constexpr std::size_t kShardsMax = 16;
constexpr std::size_t kForgottenAtOnce = 2;
constexpr std::uint64_t kPerSecondMax = 1'000'000'000;

using TimePoint = RateLimiter::Clock::time_point;

// One request, in units of which `per_second` come in each nanosecond: so no rate is rounded.
constexpr std::uint64_t kRequest = 1'000'000'000;
constexpr std::chrono::nanoseconds kSecond = std::chrono::seconds(1);

/// What somebody has taken and not yet got back.
class Bucket {
 public:
  bool take(std::uint64_t per_second, TimePoint now) {
    debt_ = debt_at(per_second, now);
    last_ = std::max(last_, now);
    if (debt_ + kRequest > per_second * kRequest) return false;
    debt_ += kRequest;
    return true;
  }
  /// As good as none.
  bool is_full(std::uint64_t per_second, TimePoint now) const {
    return debt_at(per_second, now) == 0;
  }
  /// Full, and not asked for a second. Who asks now and then keeps it: to make one costs more than
  /// to find it.
  bool is_quiet(TimePoint now) const { return now > last_ && now - last_ >= kSecond; }

 private:
  std::uint64_t debt_at(std::uint64_t per_second, TimePoint now) const {
    if (debt_ == 0 || now <= last_) return debt_;
    const std::chrono::nanoseconds passed = now - last_;
    if (passed >= kSecond) return 0;
    return debt_ - std::min(debt_, static_cast<std::uint64_t>(passed.count()) * per_second);
  }

  std::uint64_t debt_ = 0;
  TimePoint last_{};
};

struct Key {
  std::string_view text;
  std::size_t hash;
};

struct Entry {
  std::string text;
  std::size_t hash;
  mutable Bucket bucket;
};

struct HashOf {
  template <class Item>
  std::size_t operator()(const Item& item) const noexcept {
    return item.hash;
  }
};
struct SameText {
  template <class Left, class Right>
  bool operator()(const Left& left, const Right& right) const noexcept {
    return left.text == right.text;
  }
};

/// By key, and in the order of their last request: the longest quiet stand in front.
using Entries = boost::multi_index_container<
    Entry,
    mi::indexed_by<mi::hashed_unique<mi::identity<Entry>, HashOf, SameText>, mi::sequenced<>>>;

std::uint64_t random_odd_number() {
  std::uint64_t number = 0;
  fill_with_random_bytes(reinterpret_cast<char*>(&number), sizeof(number));
  return number | 1;
}

}  // namespace

class alignas(64) RateLimiter::Shard {
 public:
  explicit Shard(std::size_t keys_max) : keys_max_(keys_max) {}

  bool take(const Key& key, std::uint64_t per_second, TimePoint now) {
    const std::lock_guard lock(mutex_);
    auto& by_age = entries_.get<1>();
    const auto found = entries_.find(key, HashOf(), SameText());
    if (found != entries_.end()) {
      by_age.relocate(by_age.end(), entries_.project<1>(found));
      const bool may = found->bucket.take(per_second, now);
      forget_the_quiet(now);
      return may;
    }
    forget_the_quiet(now);
    if (entries_.size() >= keys_max_ && !make_room(per_second, now))
      return shared_.take(per_second, now);
    return by_age.push_back({std::string(key.text), key.hash, {}})
        .first->bucket.take(per_second, now);
  }

  std::size_t keys() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
  }

 private:
  /// More than one at a time, so that there come to be fewer.
  void forget_the_quiet(TimePoint now) {
    auto& by_age = entries_.get<1>();
    for (std::size_t i = 0; i < kForgottenAtOnce && !by_age.empty(); ++i) {
      if (!by_age.front().bucket.is_quiet(now)) return;
      by_age.pop_front();
    }
  }

  bool make_room(std::uint64_t per_second, TimePoint now) {
    auto& by_age = entries_.get<1>();
    if (by_age.empty() || !by_age.front().bucket.is_full(per_second, now)) return false;
    by_age.pop_front();
    return true;
  }

  const std::size_t keys_max_;
  mutable std::mutex mutex_;
  Entries entries_;  // Guarded by mutex_, as is what follows.
  Bucket shared_;    // Of those who find no room.
};

RateLimiter::RateLimiter(std::uint64_t per_second, std::size_t keys_max)
    : per_second_(std::min(per_second, kPerSecondMax)),
      salts_{random_odd_number(), random_odd_number()} {
  const std::size_t shards = std::bit_floor(std::clamp<std::size_t>(keys_max, 1, kShardsMax));
  for (std::size_t i = 0; i < shards; ++i)
    shards_.push_back(std::make_unique<Shard>(keys_max / shards));
}

RateLimiter::~RateLimiter() = default;

std::chrono::seconds RateLimiter::take(std::string_view key, Clock::time_point now) {
  std::uint64_t hash = (std::hash<std::string_view>()(key) ^ salts_[0]) * salts_[1];
  hash ^= hash >> 32;
  hash *= salts_[0];
  Shard& shard = *shards_[hash >> 32 & (shards_.size() - 1)];
  // Whatever the rate, a bucket has one more within a second.
  return std::chrono::seconds(shard.take({key, hash}, per_second_, now) ? 0 : 1);
}

std::size_t RateLimiter::keys() const {
  std::size_t count = 0;
  for (const auto& shard : shards_) count += shard->keys();
  return count;
}

}  // namespace kist::core
