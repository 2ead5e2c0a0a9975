// SPDX-License-Identifier: Apache-2.0
#include "http/worker_pool.hpp"

#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

#include "memory/dead_stack.hpp"

namespace kist::http {
namespace {

constexpr std::chrono::milliseconds kBeforeWipe{100};
constexpr std::chrono::seconds kIdleTime{10};

}  // namespace

WorkerPool::WorkerPool(std::size_t threads_max, std::size_t queue_max)
    : threads_max_(threads_max), queue_max_(queue_max) {}

WorkerPool::~WorkerPool() {
  std::unique_lock lock(mutex_);
  stops_ = true;
  changed_.notify_all();
  changed_.wait(lock, [this] { return threads_.empty(); });
  std::list<std::thread> ended = std::exchange(ended_, {});
  lock.unlock();
  for (std::thread& thread : ended) thread.join();
}

bool WorkerPool::run(std::function<void()> work) {
  std::list<std::thread> ended;
  {
    const std::lock_guard lock(mutex_);
    if (stops_ || queue_.size() + running_ >= queue_max_) return false;
    ended.swap(ended_);
    const bool wants_thread = queue_.size() >= idle_ && threads_.size() < threads_max_;
    if (wants_thread && !start_thread() && threads_.empty()) return false;
    queue_.push_back(std::move(work));
  }
  changed_.notify_one();  // Without the lock, for which who wakes would have to wait.
  for (std::thread& thread : ended) thread.join();
  return true;
}

bool WorkerPool::start_thread() {
  try {
    threads_.emplace_back([this] { serve(); });
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

void WorkerPool::serve() {
  std::unique_lock lock(mutex_);
  while (wait_for_work(lock)) {
    std::function<void()> work = std::move(queue_.front());
    queue_.pop_front();
    ++running_;
    lock.unlock();
    work();
    work = nullptr;
    lock.lock();
    --running_;
  }
  leave();
}

/// Wiping the stack behind each piece of work would cost as much as the work: a pause is enough.
bool WorkerPool::wait_for_work(std::unique_lock<std::mutex>& lock) {
  const auto has_news = [this] { return stops_ || !queue_.empty(); };
  ++idle_;
  const bool came = changed_.wait_for(lock, kBeforeWipe, has_news);
  if (!came || stops_) {
    lock.unlock();
    core::wipe_dead_stack();
    lock.lock();
    changed_.wait_for(lock, kIdleTime, has_news);
  }
  --idle_;
  return !queue_.empty();
}

void WorkerPool::leave() {
  for (auto thread = threads_.begin(); thread != threads_.end(); ++thread) {
    if (thread->get_id() != std::this_thread::get_id()) continue;
    ended_.splice(ended_.end(), threads_, thread);
    break;
  }
  changed_.notify_all();
}

}  // namespace kist::http
