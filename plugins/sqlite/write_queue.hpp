// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include <kist/plugin.hpp>

#include "connection.hpp"

namespace kist::sqlite {

/// The one way to write: threads that come at the same time share one transaction, and so one flush
/// of the disk. There is no thread of its own. The first to come leads: it takes the database's
/// write lock, does the work of all who queue up meanwhile, each inside a savepoint so that one
/// failure does not touch the others, commits, and wakes them.
class WriteQueue {
 public:
  using Work = std::function<void(Connection&)>;

  explicit WriteQueue(std::unique_ptr<Connection> connection);

  /// Runs `work` in a transaction, and returns when that is durable. `work` may run on the thread
  /// of another call, and must not use its own call. Throws what `work` throws; or cancelled and
  /// deadline_exceeded, before `work` has run; or why the transaction failed.
  void run(const Call& call, const Work& work);

 private:
  enum class State { queued, taken, done };
  struct Write {
    const Work& work;
    State state = State::queued;
    std::exception_ptr failure;
    std::condition_variable woken;
  };

  void lead(std::unique_lock<std::mutex>& lock, const Call& call, Write& own);
  void begin(const Call& call);
  void run_group();
  void run_one(Write& write);
  Write* take_next();
  void leave(Write& write);
  void wake_next();

  std::mutex mutex_;
  std::deque<Write*> queue_;  // Guarded by mutex_. Those in state `queued`, in order of arrival.
  bool is_led_ = false;       // Guarded by mutex_.
  const std::unique_ptr<Connection> connection_;  // The leader's.
  std::vector<Write*> group_;                     // The leader's. Those in state `taken`.
};

}  // namespace kist::sqlite
