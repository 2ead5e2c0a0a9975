// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <kist/secret_value.hpp>

namespace kist::http {

enum class Method { get, head, post, put, remove, other };

/// Who is at the other end of a connection. Lives as long as the connection.
struct Peer {
  std::string address;                     ///< "127.0.0.1:51234", "[::1]:51234", "unix".
  std::string network;                     ///< Who is counted as one: "127.0.0.1", "2001:db8::/64".
  std::optional<std::uint32_t> uid;        ///< Of a Unix socket: who connected.
  std::optional<std::string> certificate;  ///< The subject of a client certificate that our
                                           ///< `client_ca` vouches for: "CN=deploy,O=Acme".
};

/// One request that has passed the rules of HTTP, as it came: nothing is decoded.
struct Request {
  std::string id;  ///< What X-Request-Id says; of this host, and no other request has it.
  Method method = Method::other;
  std::string method_text;  ///< "PATCH".
  std::string path;         ///< Begins with '/'; without the query.
  std::string query;        ///< Behind the '?'.
  std::optional<std::string> content_type;
  std::optional<std::string> if_match;
  SecretValue authorization;  ///< The header's value; empty: there is none.
  SecretValue body;
};

}  // namespace kist::http
