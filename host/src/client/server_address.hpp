// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kist::client {

/// Where a server is.
struct ServerAddress {
  enum class Kind { https, http, unix_socket };

  Kind kind = Kind::https;
  std::string text;        ///< As it was given, for messages.
  std::string host;        ///< "kist.example", "127.0.0.1", "::1"; not of a Unix socket.
  std::uint16_t port = 0;  ///< 443 and 80 unless it is given.
  std::string path;        ///< Of a Unix socket.

  /// What the header Host says.
  std::string authority() const;
  /// "server 'https://kist.example'".
  std::string named() const;
};

/// Reads https://HOST[:PORT], http://HOST[:PORT] or unix:/PATH. `source` is what messages name:
/// "--server". Errors: invalid_argument: it is none of these, or holds a user name or a password,
/// which no message shows.
ServerAddress parse_server_address(std::string_view text, const std::string& source);

}  // namespace kist::client
