// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <kist/secrets_store_interface.hpp>

#include "client/http_reply.hpp"
#include "client/server_address.hpp"
#include "client/tls.hpp"
#include "client/transport.hpp"

namespace kist::client {

/// Which server, and how to show who asks.
struct ServerSettings {
  ServerAddress address;
  SecretValue token;  ///< Empty: none is sent.
  TlsSettings tls;
  bool plain_anywhere = false;  ///< `http://` to other machines too.

  /// A second copy, asked for by name.
  ServerSettings clone() const { return {address, token.clone(), tls, plain_anywhere}; }
};

struct HttpRequest {
  std::string_view method;  ///< "GET".
  std::string target;       ///< "/api/v1/secrets?size=2".
  detail::SecretBuffer body{};
  std::optional<std::uint64_t> if_match{};
  /// Done twice, it is as if it were done once: it may be repeated when its reply is lost.
  bool repeatable = false;
  bool writes = false;
};

/// Speaks HTTP/1.1 with one server over one connection, which is made when it is needed. Follows no
/// redirect and uses no proxy, so that token and values go to the server that was named and to
/// nobody else. One thread.
class HttpClient {
 public:
  /// Errors: invalid_argument: a token that is none; those of TlsClient.
  explicit HttpClient(ServerSettings settings);

  /// Sends the request and waits for the reply, whatever its status. When the connection broke
  /// before any byte of a reply, a request is sent a second time if it is repeatable, or cannot
  /// have been understood.
  /// Errors: unavailable: the server cannot be reached, or what it sent is no reply;
  /// failed_precondition: it cannot be trusted; unauthenticated: it does not take our certificate;
  /// indeterminate: a request that writes was sent, and its reply did not come; cancelled;
  /// deadline_exceeded.
  HttpReply exchange(Call& call, const HttpRequest& request);

  const ServerAddress& address() const { return settings_.address; }

 private:
  struct Progress;

  void connect(Call& call);
  HttpReply attempt(Call& call, const HttpRequest& request, Progress& progress);
  HttpReply read_reply(Call& call, Progress& progress);
  SecretValue bytes_of(const HttpRequest& request) const;

  ServerSettings settings_;
  std::unique_ptr<TlsClient> tls_;  // Null: it is not used.
  std::unique_ptr<Transport> transport_;
};

}  // namespace kist::client
