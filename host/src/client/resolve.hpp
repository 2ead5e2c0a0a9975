// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <vector>

#include <kist/secrets_store_interface.hpp>

#include "client/server_address.hpp"

namespace kist::client {

struct SocketAddress {
  struct sockaddr_storage bytes {};
  socklen_t size = 0;

  /// Of this machine, and of no other: 127.0.0.0/8, ::1.
  bool is_loopback() const;
};

/// The addresses of a server's host, at least one, in the order in which to try them.
/// Errors: unavailable: there is no such name; cancelled, deadline_exceeded.
std::vector<SocketAddress> resolve(Call& call, const ServerAddress& address);

}  // namespace kist::client
