// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kist/secrets_store_interface.hpp>

#include "http/request.hpp"

namespace kist::http {

/// What is answered. Content-Length, Date, Connection, X-Request-Id and Cache-Control: no-store are
/// the connection's to add. The body is left out where the method is HEAD.
struct Reply {
  int status = 200;
  std::string_view content_type = "application/json";               ///< Of static storage.
  std::vector<std::pair<std::string_view, std::string>> headers{};  ///< "ETag", "Retry-After", ….
  detail::SecretBuffer body{};
  bool close = false;  ///< The connection ends behind this reply.
};

/// One request that is being answered. It is there until finish() is called, once, from any thread;
/// before that, one thread at a time uses it.
class Exchange {
 public:
  virtual const Request& request() const = 0;
  virtual const Peer& peer() const = 0;
  virtual Reply& reply() = 0;

  /// For the store: with the deadline of a request, and cancelled when the client has gone or the
  /// server stops without waiting any longer.
  virtual Call& call() = 0;

  /// Runs `work` on a thread that may block. False: too many wait for one already. `work` throws
  /// nothing.
  virtual bool run_in_pool(std::function<void()> work) = 0;

  /// Sends the reply. Nothing of the exchange may be used afterwards.
  virtual void finish() = 0;

 protected:
  ~Exchange() = default;
};

/// What answers requests. Any number of threads at once.
class Handler {
 public:
  virtual ~Handler() = default;

  /// Answers now or later, by finish(). Throws nothing, and does not block: this thread serves
  /// other connections.
  virtual void handle(Exchange& exchange) = 0;

  /// Answers what is no request, or one beyond a limit: of exchange.request() only what was
  /// understood is there. The connection closes behind it. `status` is 400, 408, 413, 414, 417,
  /// 431, 501, 503 or 505; `message` is one sentence.
  virtual void refuse(Exchange& exchange, int status, std::string_view message) = 0;
};

}  // namespace kist::http
