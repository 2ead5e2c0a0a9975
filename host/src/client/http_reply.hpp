// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <kist/secret_value.hpp>

namespace kist::client {

/// Of the headers of a reply, and of its body: the longest list that a server sends, with every
/// name at its longest, is smaller.
inline constexpr std::size_t kReplyHeaderBytesMax = std::size_t{16} << 10;
inline constexpr std::size_t kReplyBodyBytesMax = std::size_t{64} << 20;

/// What a server answered.
struct HttpReply {
  unsigned status = 0;
  std::string reason;        ///< "Bad Gateway"; may be empty.
  std::string content_type;  ///< Empty: it says none.
  std::string request_id, retry_after;
  bool keep_alive = false;  ///< The connection can be used again.
  detail::SecretBuffer body;

  std::string_view text() const { return {body.data(), body.size()}; }
};

/// Reads one reply from the bytes of a connection, as they come. Interim replies (1xx) are passed
/// over.
class ReplyParser {
 public:
  ReplyParser();
  ~ReplyParser();
  ReplyParser(const ReplyParser&) = delete;
  ReplyParser& operator=(const ReplyParser&) = delete;

  /// Gives how many of the bytes it took; those that it left, it wants to see again with more
  /// behind them. Errors: unavailable: this is no reply of HTTP/1.1, or one past a limit.
  std::size_t put(std::string_view bytes);
  /// The connection ended. Errors: unavailable: in the middle of the reply.
  void put_end();
  bool is_done() const;
  /// is_done() holds.
  HttpReply take();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace kist::client
