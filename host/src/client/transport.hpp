// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <kist/secrets_store_interface.hpp>

#include "loader/file_descriptor.hpp"

namespace kist::client {

/// The connection is of no use any more: the other side has gone, or the network has.
class ConnectionLost : public Error {
 public:
  explicit ConnectionLost(const std::string& message) : Error(ErrorCode::unavailable, message) {}
};

/// Bytes to a server and back, over a socket that does not block. One thread.
///
/// Every operation may fail with ConnectionLost, and with cancelled and deadline_exceeded of its
/// call.
class Transport {
 public:
  virtual ~Transport() = default;

  /// At least one byte, and at most `size`; 0: the other side has ended.
  virtual std::size_t read(Call& call, char* bytes, std::size_t size) = 0;
  /// All of them.
  virtual void write(Call& call, std::string_view bytes) = 0;
  /// Whether the other side has ended, or sent what nobody asked for.
  virtual bool is_stale() const = 0;
};

/// `peer` is how messages name the other side.
std::unique_ptr<Transport> plain_transport(core::FileDescriptor socket, std::string peer);

}  // namespace kist::client
