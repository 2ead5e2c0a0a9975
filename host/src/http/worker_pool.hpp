// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <thread>

namespace kist::http {

/// Threads for work that may block. They are started as work comes, and end when none has come for
/// a while. Any thread.
class WorkerPool {
 public:
  /// `queue_max` pieces of work may be running or waiting.
  WorkerPool(std::size_t threads_max, std::size_t queue_max);
  /// Waits for the work that it was given.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Runs `work` on a thread of its own soon. False: there is too much of it, or no thread could be
  /// started. `work` throws nothing.
  bool run(std::function<void()> work);

 private:
  bool start_thread();
  void serve();
  bool wait_for_work(std::unique_lock<std::mutex>& lock);
  void leave();

  const std::size_t threads_max_, queue_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;  // Guarded by mutex_, as all below.
  std::list<std::thread> threads_, ended_;
  std::size_t idle_ = 0, running_ = 0;
  bool stops_ = false;
};

}  // namespace kist::http
