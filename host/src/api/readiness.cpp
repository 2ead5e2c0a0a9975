// SPDX-License-Identifier: Apache-2.0
#include "api/readiness.hpp"

#include <cstdint>
#include <utility>

namespace kist::api {
namespace {

/// The call of a question of our own: nothing but its deadline ends it.
class HealthCall final : public Call {
 public:
  std::int64_t deadline_ns() const override { return deadline_.time_since_epoch().count(); }
  bool is_cancelled() const override { return false; }
  int cancel_fd() const override { return -1; }

 private:
  const std::chrono::steady_clock::time_point deadline_ =
      Readiness::Clock::now() + Readiness::kDeadline;
};

bool same(const std::weak_ptr<const Generation>& known,
          const std::shared_ptr<const Generation>& generation) {
  return !known.owner_before(generation) && !generation.owner_before(known);
}

}  // namespace

bool Readiness::begin(const std::shared_ptr<const Generation>& generation, Clock::time_point now) {
  const std::scoped_lock lock(mutex_);
  const bool fresh = known_ && same(of_, generation) && now - learned_ < kFresh;
  if (fresh || asking_) return false;
  asking_ = true;
  asked_ = now;
  return true;
}

void Readiness::give_up() {
  const std::scoped_lock lock(mutex_);
  asking_ = false;
}

void Readiness::ask(const std::shared_ptr<const Generation>& generation) {
  std::optional<std::string> problem;
  std::string details;
  try {
    HealthCall call;
    generation->store().check_health(call);
  } catch (const Error& error) {
    // Strangers read the one, operators the other.
    problem = "the store cannot serve: " + std::string(to_string(error.code));
    details = error.message();
  } catch (const std::exception& failure) {
    problem = "the store cannot serve: internal";
    details = failure.what();
  }
  const bool is_ill = problem.has_value();
  if (!learn(generation, std::move(problem))) return;
  say_(is_ill ? "the store cannot serve: " + details : "the store can serve again");
}

std::optional<std::string> Readiness::problem(const std::shared_ptr<const Generation>& generation,
                                              Clock::time_point now) const {
  const std::scoped_lock lock(mutex_);
  if (asking_ && now - asked_ > 2 * kDeadline) return "the store does not answer";
  if (!known_ || !same(of_, generation)) return "the store has not answered yet";
  return problem_;
}

bool Readiness::learn(const std::shared_ptr<const Generation>& generation,
                      std::optional<std::string> problem) {
  const std::scoped_lock lock(mutex_);
  asking_ = false;
  known_ = true;
  of_ = generation;
  problem_ = std::move(problem);
  learned_ = Clock::now();
  return std::exchange(was_ill_, problem_.has_value()) != problem_.has_value();
}

}  // namespace kist::api
