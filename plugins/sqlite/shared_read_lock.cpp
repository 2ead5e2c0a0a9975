// SPDX-License-Identifier: Apache-2.0
#include "shared_read_lock.hpp"

#include <chrono>
#include <cstdint>
#include <exception>
#include <utility>

namespace kist::sqlite {

namespace {

constexpr std::chrono::milliseconds kLook{50};

/// What belongs to no call ends of itself: with these settings it waits for nothing.
class OwnCall final : public Call {
 public:
  std::int64_t deadline_ns() const override { return INT64_MAX; }
  bool is_cancelled() const override { return false; }
  int cancel_fd() const override { return -1; }
};

ConnectionSettings without_waits(ConnectionSettings settings) {
  settings.busy_timeout = std::chrono::milliseconds(0);
  return settings;
}

}  // namespace

SharedReadLock::SharedReadLock(ConnectionSettings settings)
    : settings_(without_waits(std::move(settings))) {}

SharedReadLock::~SharedReadLock() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  woken_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void SharedReadLock::note_read() noexcept {
  // A read must not wait for what is to make it fast.
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return;
  reads_.store(true, std::memory_order_relaxed);
  try {
    if (!thread_.joinable()) thread_ = std::thread([this] { hold_while_read(); });
  } catch (const std::exception&) {
    return;  // There are no threads left: it is tried again.
  }
  woken_.notify_one();
}

void SharedReadLock::hold_while_read() {
  std::unique_lock lock(mutex_);
  const auto ends = [this] { return ends_; };
  while (!ends_) {
    // A process that reads once and ends has no use for it: the first look is at its second read.
    woken_.wait_for(lock, kLook, ends);
    let_go();
    if (!reads_.exchange(false))
      woken_.wait(lock, [this] { return ends_ || reads_; });
    else if (pauses_ == 0 && !ends_)
      take();
  }
  let_go();
}

void SharedReadLock::take() noexcept {
  try {
    if (connection_ == nullptr)
      connection_ = std::make_unique<Connection>(settings_, Access::read, OwnCall());
    connection_->execute("BEGIN");
    connection_->read_integer("SELECT count(*) FROM deployment");  // Only this takes the lock.
  } catch (const std::exception&) {
    connection_.reset();
  }
}

void SharedReadLock::let_go() noexcept {
  if (connection_ != nullptr) connection_->rollback();
}

SharedReadLock::Pause::Pause(SharedReadLock& paused) : paused_(paused) {
  const std::lock_guard lock(paused_.mutex_);
  ++paused_.pauses_;
  paused_.let_go();
}

SharedReadLock::Pause::~Pause() {
  const std::lock_guard lock(paused_.mutex_);
  --paused_.pauses_;
}

}  // namespace kist::sqlite
