// SPDX-License-Identifier: Apache-2.0
#include "loader/host_call.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

namespace kist::core {
namespace {

void make_readable(int event_fd) noexcept {
  const std::uint64_t one = 1;
  // Cannot fail: the counter starts at 0 and is written twice at most.
  [[maybe_unused]] const auto written = ::write(event_fd, &one, sizeof(one));
}

}  // namespace

HostCall::HostCall(std::chrono::nanoseconds timeout) {
  const std::int64_t now = std::chrono::steady_clock::now().time_since_epoch().count();
  deadline_ns_ = timeout.count() > INT64_MAX - now ? INT64_MAX : now + timeout.count();
}

HostCall::~HostCall() {
  if (event_fd_ >= 0) ::close(event_fd_);
}

int HostCall::cancel_fd() const {
  const std::lock_guard lock(mutex_);
  if (event_fd_ < 0) {
    event_fd_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (event_fd_ >= 0 && is_cancelled()) make_readable(event_fd_);
  }
  return event_fd_;
}

void HostCall::cancel() noexcept {
  const std::lock_guard lock(mutex_);
  cancelled_.store(true, std::memory_order_relaxed);
  if (event_fd_ >= 0) make_readable(event_fd_);
}

}  // namespace kist::core
