// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "http/listen_address.hpp"
#include "http/request.hpp"
#include "loader/file_descriptor.hpp"

namespace kist::http {

/// One address at which a server listens, with a descriptor for each of its threads.
class Listener {
 public:
  /// A socket file that nobody listens at any more is replaced.
  /// Errors: unavailable: the address is in use, or not of this machine; permission_denied.
  Listener(const ListenAddress& address, std::size_t threads);
  /// Removes the socket file, if it is still ours.
  ~Listener();
  Listener(Listener&&) noexcept = default;
  Listener& operator=(Listener&&) = delete;

  const ListenAddress& address() const { return address_; }
  int descriptor(std::size_t thread) const { return sockets_[thread].get(); }

 private:
  ListenAddress address_;
  std::vector<core::FileDescriptor> sockets_;
  std::uint64_t inode_ = 0;  // Of the socket file.
};

/// Accepts one connection, which does not block. Negative: minus the number of the error.
int accept_from(int listening) noexcept;

/// Who is at the other end of an accepted connection.
Peer peer_of(int descriptor, bool is_unix);

}  // namespace kist::http
