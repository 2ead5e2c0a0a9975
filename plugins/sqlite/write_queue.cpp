// SPDX-License-Identifier: Apache-2.0
#include "write_queue.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace kist::sqlite {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kGroupMax = 256;
/// How long a group's work may take before the rest waits for the next one. Who is in a group
/// cannot leave it, and must return in time.
constexpr milliseconds kGroupTime{50};
/// How long a wait goes on before it looks at its call again.
constexpr milliseconds kLook{25};

}  // namespace

WriteQueue::WriteQueue(std::unique_ptr<Connection> connection)
    : connection_(std::move(connection)) {
  group_.reserve(kGroupMax);  // A leader must not fail half-way.
}

void WriteQueue::run(const Call& call, const Work& work) {
  call.check();
  Write write{work, State::queued, nullptr, {}};
  std::unique_lock lock(mutex_);
  queue_.push_back(&write);
  while (write.state != State::done) {
    if (!is_led_) {
      lead(lock, call, write);
      continue;
    }
    write.woken.wait_for(lock, kLook);
    if (write.state != State::queued) continue;
    try {
      call.check();
    } catch (const Error&) {
      leave(write);
      throw;
    }
  }
  lock.unlock();
  if (write.failure) std::rethrow_exception(write.failure);
}

void WriteQueue::lead(std::unique_lock<std::mutex>& lock, const Call& call, Write& own) {
  is_led_ = true;
  lock.unlock();
  std::exception_ptr failure;
  try {
    begin(call);
  } catch (const std::exception&) {
    failure = std::current_exception();
  }
  if (failure) {
    lock.lock();
    own.failure = failure;
    own.state = State::done;
    is_led_ = false;
    leave(own);
    return;
  }
  run_group();
  lock.lock();
  for (Write* const write : group_) {
    write->state = State::done;
    write->woken.notify_one();
  }
  group_.clear();
  is_led_ = false;
  wake_next();
}

void WriteQueue::begin(const Call& call) {
  connection_->require_same_file();
  const Connection::CallScope scope(*connection_, call);
  connection_->execute("BEGIN IMMEDIATE");
}

void WriteQueue::run_group() {
  const auto until = steady_clock::now() + kGroupTime;
  std::exception_ptr lost;
  while (!lost && group_.size() < kGroupMax && steady_clock::now() < until) {
    Write* const write = take_next();
    if (write == nullptr) break;
    run_one(*write);
    // Some failures (no room, no memory) take the whole transaction with them.
    if (!connection_->in_transaction()) lost = write->failure;
  }
  try {
    if (!lost) connection_->commit();
  } catch (const std::exception&) {
    lost = std::current_exception();
  }
  if (!lost) return;
  // Also of those that had failed: what they ran into may be gone.
  for (Write* const write : group_) write->failure = lost;
}

WriteQueue::Write* WriteQueue::take_next() {
  const std::lock_guard lock(mutex_);
  if (queue_.empty()) return nullptr;
  Write* const write = queue_.front();
  queue_.pop_front();
  write->state = State::taken;
  group_.push_back(write);
  return write;
}

void WriteQueue::run_one(Write& write) {
  try {
    connection_->execute("SAVEPOINT one");
    write.work(*connection_);
    connection_->execute("RELEASE one");
  } catch (const std::exception&) {
    write.failure = std::current_exception();
    connection_->roll_back_to_savepoint("ROLLBACK TO one; RELEASE one");
  }
}

void WriteQueue::leave(Write& write) {
  queue_.erase(std::remove(queue_.begin(), queue_.end(), &write), queue_.end());
  // It may have been the one that was to lead.
  wake_next();
}

void WriteQueue::wake_next() {
  if (!is_led_ && !queue_.empty()) queue_.front()->woken.notify_one();
}

}  // namespace kist::sqlite
