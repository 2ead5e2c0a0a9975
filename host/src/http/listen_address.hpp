// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kist::http {

inline constexpr std::uint16_t kDefaultPort = 8420;

/// Where a server listens, as an operator writes it: "127.0.0.1:8420", "[::1]:8420", "0.0.0.0",
/// "localhost:0", "unix:/run/kist/kist.sock".
struct ListenAddress {
  std::string path;  ///< Of a Unix socket; empty: it is TCP.
  std::string host;  ///< An IP address.
  std::uint16_t port = kDefaultPort;

  bool is_unix() const { return !path.empty(); }
  /// Nobody on another machine reaches it.
  bool is_local() const;
  /// As it is written, with the port.
  std::string text() const;

  /// Errors: invalid_argument: no address, with what was expected.
  static ListenAddress parse(std::string_view text);
};

}  // namespace kist::http
