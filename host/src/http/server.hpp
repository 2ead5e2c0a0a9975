// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/http_limits.hpp"
#include "http/exchange.hpp"
#include "http/listen_address.hpp"
#include "http/tls_context.hpp"

namespace kist::http {

/// What connections are served with; those that are open keep what they began with.
struct Terms {
  core::HttpLimits limits;
  std::shared_ptr<const TlsContext> tls;  ///< Of TCP; null: there is none.
};

struct ServerCounts {
  std::uint64_t connections = 0;  ///< Open now.
  std::uint64_t accepted = 0;     ///< Since the start, as all below.
  std::uint64_t refused = 0;      ///< Beyond the limit of connections.
  std::uint64_t handshakes = 0;   ///< TLS, done.
  std::uint64_t failed_handshakes = 0;
  std::uint64_t timeouts = 0;     ///< A client was too slow.
  std::uint64_t disconnects = 0;  ///< A client went while it was being answered.
};

/// Listens, reads requests, and sends what a handler answers: HTTP/1.1 over TCP, TLS and Unix
/// sockets. Each of its threads has connections of its own, and waits for all of them at once.
class Server {
 public:
  struct Settings {
    std::vector<ListenAddress> listen;
    std::size_t threads = 1;
    Terms terms;
    std::function<void(std::string_view)> say;  ///< Takes sentences for the operator; any thread.
  };

  /// Binds all addresses, but accepts nobody before start(). `handler` outlives it.
  /// Errors: unavailable: an address is in use, or is not of this machine; permission_denied.
  Server(Settings settings, Handler& handler);
  /// As stop(), if that was not called.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Where it listens, with the ports that the system chose.
  const std::vector<std::string>& addresses() const;

  void start();
  /// For connections from now on. The numbers of threads, and of requests in flight, stay.
  void renew(Terms terms);
  /// Accepts nobody more, lets requests in flight end for `limits.stop_time_ms`, cancels those that
  /// have not, and closes all connections. False: a call to the store has not come back.
  bool stop();

  ServerCounts counts() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace kist::http
