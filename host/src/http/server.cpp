// SPDX-License-Identifier: Apache-2.0
#include "http/server.hpp"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "http/io_thread.hpp"
#include "http/listener.hpp"

namespace kist::http {
namespace {

/// A store returns within 250 ms of a cancellation (ST-17); this is what one is given.
constexpr std::chrono::milliseconds kAfterCancel{2'000};
constexpr std::chrono::milliseconds kPoll{5};

}  // namespace

struct Server::Parts {
  Parts(Settings& settings, Handler& handler) : shared(handler, settings) {
    const std::size_t count = std::max<std::size_t>(settings.threads, 1);
    for (const ListenAddress& address : settings.listen) listeners.emplace_back(address, count);
    for (std::size_t i = 0; i < count; ++i)
      threads.push_back(std::make_unique<IoThread>(shared, listeners, i));
    for (const Listener& listener : listeners) addresses.push_back(listener.address().text());
  }

  std::size_t answering() const {
    std::size_t sum = 0;
    for (const auto& thread : threads) sum += thread->answering();
    return sum;
  }

  /// Waits until `is_done()`, as long as `time` at most. Nobody waits for a server that stops but
  /// who stops it, so looking now and then is enough.
  template <class IsDone>
  static void wait_until(IsDone&& is_done, std::chrono::milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (!is_done() && std::chrono::steady_clock::now() < end) wait_a_little();
  }
  static void wait_a_little() {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable never;
    never.wait_for(lock, kPoll);
  }

  Shared shared;
  std::vector<Listener> listeners;
  std::vector<std::unique_ptr<IoThread>> threads;
  std::vector<std::string> addresses;
  bool started = false;
};

Server::Server(Settings settings, Handler& handler)
    : parts_(std::make_unique<Parts>(settings, handler)) {}

Server::~Server() {
  // A call that does not come back still uses what would be destroyed.
  if (parts_ != nullptr && parts_->started && !stop()) static_cast<void>(parts_.release());
}

const std::vector<std::string>& Server::addresses() const { return parts_->addresses; }

void Server::start() {
  parts_->started = true;
  for (const auto& thread : parts_->threads) thread->start();
}

void Server::renew(Terms terms) { parts_->shared.set_terms(std::move(terms)); }

bool Server::stop() {
  Parts& parts = *parts_;
  if (!parts.started) return true;
  parts.shared.stops = true;
  const std::chrono::milliseconds time(parts.shared.terms()->limits.stop_time_ms);
  for (const auto& thread : parts.threads) thread->stop_accepting();
  for (const auto& thread : parts.threads) thread->wind_down();
  Parts::wait_until([&] { return parts.shared.connections == 0; }, time);
  for (const auto& thread : parts.threads) thread->abort();
  Parts::wait_until([&] { return parts.answering() == 0; }, kAfterCancel);
  if (parts.answering() != 0) return false;
  for (const auto& thread : parts.threads) thread->end();
  parts.started = false;
  return true;
}

ServerCounts Server::counts() const {
  const Shared& shared = parts_->shared;
  return {shared.connections,       shared.accepted, shared.refused,    shared.handshakes,
          shared.failed_handshakes, shared.timeouts, shared.disconnects};
}

}  // namespace kist::http
