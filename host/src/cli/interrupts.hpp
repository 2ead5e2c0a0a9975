// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>

#include <chrono>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "loader/file_descriptor.hpp"
#include "loader/host_call.hpp"

namespace kist::cli {

/// Turns the first SIGINT, SIGTERM or SIGHUP into the cancellation of what runs, so that a terminal
/// is put right and a write is not left in its middle. A second one ends the process at once.
class Interrupts {
 public:
  /// Blocks the signals for this thread and those that it starts, so make it before any other.
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  /// Lets signals do again what they did before: what comes from here on is not noticed here.
  /// Errors: cancelled: a signal has come.
  void release();

  /// Polls readable once a signal has come.
  int fd() const { return came_.get(); }
  /// Errors: cancelled: a signal has come.
  void check() const;

  /// From now on signals cancel nothing: next() gives them. For a process that serves.
  void take_over();
  /// The next signal, in the order of their coming; nothing: none has come within `time`.
  std::optional<int> next(std::chrono::milliseconds time);

 private:
  friend class InterruptibleCall;

  void watch();
  void receive(int number);
  void set_current(core::HostCall* call);

  void stop();

  sigset_t before_{};  // Those that were blocked.
  core::FileDescriptor signals_, came_, stop_;
  mutable std::mutex mutex_;
  bool has_come_ = false;              // Guarded by mutex_.
  core::HostCall* current_ = nullptr;  // Guarded by mutex_.
  bool taken_over_ = false;            // Guarded by mutex_.
  std::deque<int> waiting_;            // Guarded by mutex_: signals for next().
  std::thread watcher_;
};

/// A call with a deadline that a signal cancels. One at a time.
class InterruptibleCall {
 public:
  InterruptibleCall(Interrupts& interrupts, std::chrono::seconds timeout);
  ~InterruptibleCall();
  InterruptibleCall(const InterruptibleCall&) = delete;
  InterruptibleCall& operator=(const InterruptibleCall&) = delete;

  Call& operator*() { return call_; }

 private:
  Interrupts& interrupts_;
  core::HostCall call_;
};

/// Runs each piece of work that it is given with a call of its own. `interrupts` outlives it.
/// Errors: cancelled: a signal has come.
std::function<void(const std::function<void(Call&)>& work)> interruptible_calls(
    Interrupts& interrupts, std::chrono::seconds timeout);

}  // namespace kist::cli
