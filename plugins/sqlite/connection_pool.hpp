// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <kist/plugin.hpp>

#include "connection.hpp"

namespace kist::sqlite {

/// Connections for reading, opened as they are needed, at most `max_connections` of them.
class ConnectionPool {
 public:
  ConnectionPool(ConnectionSettings settings, std::size_t max_connections);

  /// A connection, for one call, until the lease is destroyed.
  class Lease {
   public:
    Lease(ConnectionPool& pool, std::unique_ptr<Connection> connection, const Call& call) noexcept
        : pool_(pool),
          connection_(std::move(connection)),
          scope_(std::in_place, *connection_, call) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() {
      scope_.reset();  // Before anyone else gets the connection.
      pool_.give_back(std::move(connection_));
    }

    Connection& operator*() const noexcept { return *connection_; }
    Connection* operator->() const noexcept { return connection_.get(); }

   private:
    ConnectionPool& pool_;
    std::unique_ptr<Connection> connection_;
    std::optional<Connection::CallScope> scope_;
  };

  /// Waits while all are in use. Errors: those of Call::check() and of opening.
  Lease lease(const Call& call);

 private:
  std::unique_ptr<Connection> take(const Call& call);
  void give_back(std::unique_ptr<Connection> connection) noexcept;

  const ConnectionSettings settings_;
  const std::size_t max_connections_;
  std::mutex mutex_;
  std::condition_variable given_back_;
  std::vector<std::unique_ptr<Connection>> idle_;  // Guarded by mutex_.
  std::size_t open_ = 0;                           // Guarded by mutex_. Idle or leased.
};

}  // namespace kist::sqlite
