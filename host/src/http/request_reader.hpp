// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "config/http_limits.hpp"
#include "http/request.hpp"

namespace kist::http {

/// Why bytes are no request that this server takes.
struct Refusal {
  int status = 400;
  std::string message;  ///< One sentence; holds nothing of what came.
};

/// Makes requests of the bytes of a connection, whatever the pieces they come in. HTTP/1.1 (RFC
/// 9112) by Boost.Beast's parser, and stricter than the RFC where two readers could differ: each
/// line ends with CRLF, no header line is folded, a body has one length, and the target is a path.
/// Not for several threads.
class RequestReader {
 public:
  enum class State {
    nothing,         ///< No byte of a request has come.
    header,          ///< Within the request line and the headers.
    wants_continue,  ///< The client waits for "100 Continue" before it sends the body.
    body,
    complete,
    refused,  ///< Nothing more is taken.
  };

  /// `limits` is borrowed.
  explicit RequestReader(const core::HttpLimits& limits);
  ~RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  State state() const noexcept { return state_; }

  /// Takes bytes until a request is complete or refused, and says how many: the rest belongs to
  /// the next request.
  std::size_t feed(std::string_view bytes);
  /// "100 Continue" has been sent.
  void continued() noexcept { state_ = State::body; }

  /// No more of the request has come in time.
  void give_up();

  /// What was understood so far; all of it when the state is `complete`.
  Request& request() noexcept { return request_; }
  const Request& request() const noexcept { return request_; }
  const Refusal& refusal() const noexcept { return refusal_; }
  /// The client wants the connection to stay.
  bool keeps_alive() const noexcept { return keeps_alive_; }

  /// Wipes what was read, and begins anew.
  void reset();

 private:
  class Parser;
  friend class Parser;

  std::size_t feed_header(std::string_view bytes);
  std::size_t feed_body(std::string_view bytes);
  bool check_lines(std::string_view header, std::size_t begin);
  void parse_header(std::string_view header);
  void begin_body();
  std::size_t parse_body(std::string_view bytes);
  std::size_t refuse(int status, std::string message);

  const core::HttpLimits& limits_;
  State state_ = State::nothing;
  Request request_;
  detail::SecretBuffer body_;
  /// The header so far, or of the body what the parser has not taken yet.
  detail::SecretBuffer pending_;
  std::size_t framing_bytes_ = 0;  ///< Of a chunked body, what is no data.
  std::unique_ptr<Parser> parser_;
  Refusal refusal_;
  bool keeps_alive_ = true;
};

}  // namespace kist::http
