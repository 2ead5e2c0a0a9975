// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "server_place.hpp"

namespace kist::testing {

/// Threads that each do one thing again and again until they are stopped, or until it throws.
class Traffic {
 public:
  /// `step` gets the number of its thread and of its turn. True: go on.
  using Step = std::function<bool(std::size_t thread, std::uint64_t turn)>;

  Traffic(std::size_t threads, const Step& step) {
    for (std::size_t thread = 0; thread < threads; ++thread) {
      threads_.emplace_back([this, step, thread] {
        try {
          for (std::uint64_t turn = 0; !stopped_ && step(thread, turn); ++turn) count(turns_);
        } catch (const std::exception&) {
          count(broken_);
        }
        count(ended_);
      });
    }
  }
  ~Traffic() { stop(); }
  Traffic(const Traffic&) = delete;
  Traffic& operator=(const Traffic&) = delete;

  void stop() {
    stopped_ = true;
    wait();
  }
  /// Until each has ended by itself.
  void wait() {
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }
  /// Comes back after as many turns of all together; sooner, if all have ended.
  void wait_for_turns(std::uint64_t count) const {
    for (std::uint64_t seen = events_; turns_ < count && ended_ < threads_.size(); seen = events_)
      events_.wait(seen);
  }
  std::uint64_t turns() const { return turns_; }
  /// How many ended with an exception: the server had gone.
  std::uint64_t broken() const { return broken_; }

 private:
  void count(std::atomic<std::uint64_t>& counter) {
    ++counter;
    ++events_;
    events_.notify_all();
  }

  std::atomic<bool> stopped_{false};
  std::atomic<std::uint64_t> turns_{0}, broken_{0}, ended_{0};
  std::atomic<std::uint64_t> events_{0};  ///< All of them; what is waited for.
  std::vector<std::thread> threads_;
};

}  // namespace kist::testing
