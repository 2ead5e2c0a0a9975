// SPDX-License-Identifier: Apache-2.0
#include "cli/interrupts.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include <kist/error.hpp>

namespace kist::cli {
namespace {

sigset_t watched_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&set, number);
  return set;
}

core::FileDescriptor checked(int descriptor) {
  if (descriptor < 0)
    throw Error(ErrorCode::resource_exhausted, "the process has no file descriptor left");
  return core::FileDescriptor(descriptor);
}

void make_readable(const core::FileDescriptor& event) {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(event.get(), &one, sizeof(one));
}

[[noreturn]] void die_of(int number) {
  ::signal(number, SIG_DFL);
  const sigset_t set = watched_signals();
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  ::raise(number);
  ::_exit(128 + number);
}

}  // namespace

Interrupts::Interrupts() {
  const sigset_t set = watched_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, &before_);
  signals_ = checked(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  came_ = checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  stop_ = checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  watcher_ = std::thread([this] { watch(); });
}

Interrupts::~Interrupts() { stop(); }

void Interrupts::stop() {
  if (!watcher_.joinable()) return;
  make_readable(stop_);
  watcher_.join();
}

void Interrupts::release() {
  stop();
  check();
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void Interrupts::check() const {
  const std::lock_guard lock(mutex_);
  if (has_come_) throw Error(ErrorCode::cancelled, "interrupted");
}

void Interrupts::watch() {
  struct pollfd descriptors[] = {{signals_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
  while (descriptors[1].revents == 0) {
    if (::poll(descriptors, 2, -1) < 0) continue;
    struct signalfd_siginfo signal {};
    if (::read(signals_.get(), &signal, sizeof(signal)) != sizeof(signal)) continue;
    receive(static_cast<int>(signal.ssi_signo));
  }
}

void Interrupts::receive(int number) {
  const std::lock_guard lock(mutex_);
  if (taken_over_ && number == SIGHUP) {
    if (waiting_.empty() || waiting_.back() != SIGHUP) waiting_.push_back(number);
    make_readable(came_);
    return;
  }
  if (has_come_) die_of(number);
  has_come_ = true;
  make_readable(came_);
  if (taken_over_)
    waiting_.push_back(number);
  else if (current_ != nullptr)
    current_->cancel();
}

void Interrupts::take_over() {
  const std::lock_guard lock(mutex_);
  taken_over_ = true;
}

std::optional<int> Interrupts::next(std::chrono::milliseconds time) {
  struct pollfd came {
    came_.get(), POLLIN, 0
  };
  ::poll(&came, 1, static_cast<int>(time.count()));
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return std::nullopt;
  const int number = waiting_.front();
  waiting_.pop_front();
  std::uint64_t count = 0;
  if (waiting_.empty() && ::read(came_.get(), &count, sizeof(count)) < 0) return number;
  return number;
}

void Interrupts::set_current(core::HostCall* call) {
  const std::lock_guard lock(mutex_);
  current_ = call;
  if (call != nullptr && has_come_) call->cancel();
}

InterruptibleCall::InterruptibleCall(Interrupts& interrupts, std::chrono::seconds timeout)
    : interrupts_(interrupts), call_(timeout) {
  interrupts_.set_current(&call_);
}

InterruptibleCall::~InterruptibleCall() { interrupts_.set_current(nullptr); }

std::function<void(const std::function<void(Call&)>&)> interruptible_calls(
    Interrupts& interrupts, std::chrono::seconds timeout) {
  return [&interrupts, timeout](const std::function<void(Call&)>& work) {
    interrupts.check();
    InterruptibleCall call(interrupts, timeout);
    work(*call);
  };
}

}  // namespace kist::cli
