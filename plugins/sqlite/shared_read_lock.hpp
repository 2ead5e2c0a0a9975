// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>

#include "connection.hpp"

namespace kist::sqlite {

/// SQLite takes and gives a file lock for each read: two system calls, which are a quarter of what
/// a short read costs. It does neither while another connection of the process has that lock. So
/// as long as reads follow one another, this has a connection in the middle of one.
///
/// It must not keep the log from being moved into the database: it lets go before this process
/// writes, begins anew twenty times a second because others may write, and ends when nobody reads.
/// What a read sees is not changed by it. Where it cannot have its way, reads lock for themselves.
class SharedReadLock {
 public:
  explicit SharedReadLock(ConnectionSettings settings);
  SharedReadLock(const SharedReadLock&) = delete;
  SharedReadLock& operator=(const SharedReadLock&) = delete;
  ~SharedReadLock();

  /// Before each read. Any thread.
  void expect_read() noexcept {
    if (!reads_.load(std::memory_order_relaxed)) note_read();
  }

  /// It is let go, and not taken, while one of these is there. Any thread.
  class Pause {
   public:
    explicit Pause(SharedReadLock& paused);
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;
    ~Pause();

   private:
    SharedReadLock& paused_;
  };

 private:
  void note_read() noexcept;
  void hold_while_read();
  void take() noexcept;
  void let_go() noexcept;

  const ConnectionSettings settings_;
  std::atomic<bool> reads_ = false;  // Since the last look.
  std::mutex mutex_;
  std::condition_variable woken_;
  std::unique_ptr<Connection> connection_;  // Guarded by mutex_, as are the next two.
  std::size_t pauses_ = 0;
  bool ends_ = false;
  std::thread thread_;  // Begun, under mutex_, by the first read.
};

}  // namespace kist::sqlite
