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
          for (std::uint64_t turn = 0; !stopped_ && step(thread, turn); ++turn) ++turns_;
        } catch (const std::exception&) {
          ++broken_;
        }
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
    while (turns_ < count && broken_ < threads_.size()) std::this_thread::yield();
  }
  std::uint64_t turns() const { return turns_; }
  /// How many ended with an exception: the server had gone.
  std::size_t broken() const { return broken_; }

 private:
  std::atomic<bool> stopped_{false};
  std::atomic<std::uint64_t> turns_{0};
  std::atomic<std::size_t> broken_{0};
  std::vector<std::thread> threads_;
};

}  // namespace kist::testing
