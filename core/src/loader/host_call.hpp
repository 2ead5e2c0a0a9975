// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>

#include <kist/secrets_store_interface.hpp>

namespace kist::core {

/// The circumstances of one request: a deadline, and a way to call it off. cancel() may come from
/// any thread; the rest is for the thread that runs the request.
class HostCall final : public Call {
 public:
  /// Without a timeout there is no deadline.
  HostCall() = default;
  explicit HostCall(std::chrono::nanoseconds timeout);
  HostCall(const HostCall&) = delete;
  HostCall& operator=(const HostCall&) = delete;
  ~HostCall() override;

  std::int64_t deadline_ns() const override { return deadline_ns_; }
  bool is_cancelled() const override { return cancelled_.load(std::memory_order_relaxed); }
  /// Made on first use; -1 if the process has no descriptor left.
  int cancel_fd() const override;

  void cancel() noexcept;

 private:
  std::int64_t deadline_ns_ = INT64_MAX;
  std::atomic<bool> cancelled_{false};
  mutable std::mutex mutex_;
  mutable int event_fd_ = -1;  // Guarded by mutex_.
};

}  // namespace kist::core
