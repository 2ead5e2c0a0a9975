// SPDX-License-Identifier: Apache-2.0
#include "connection_pool.hpp"

#include <chrono>
#include <exception>
#include <utility>

namespace kist::sqlite {

namespace {

/// How long a wait goes on before it looks at its call again.
constexpr std::chrono::milliseconds kLook{25};

}  // namespace

ConnectionPool::ConnectionPool(ConnectionSettings settings, std::size_t max_connections)
    : settings_(std::move(settings)), max_connections_(max_connections) {
  idle_.reserve(max_connections_);  // give_back() must not fail.
}

ConnectionPool::Lease ConnectionPool::lease(const Call& call) { return {*this, take(call), call}; }

std::unique_ptr<Connection> ConnectionPool::take(const Call& call) {
  std::unique_lock lock(mutex_);
  while (idle_.empty() && open_ == max_connections_) {
    call.check();
    given_back_.wait_for(lock, kLook);
  }
  if (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
  }
  ++open_;
  lock.unlock();
  try {
    return std::make_unique<Connection>(settings_, Access::read, call);
  } catch (const std::exception&) {
    lock.lock();
    --open_;
    given_back_.notify_one();
    throw;
  }
}

void ConnectionPool::give_back(std::unique_ptr<Connection> connection) noexcept {
  {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(connection));
  }
  given_back_.notify_one();
}

}  // namespace kist::sqlite
