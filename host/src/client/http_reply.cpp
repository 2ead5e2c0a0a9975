// SPDX-License-Identifier: Apache-2.0
#include "client/http_reply.hpp"

#include <optional>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>

#include <kist/error.hpp>

namespace kist::client {
namespace {

namespace http = boost::beast::http;
using ErrorOfBeast = boost::beast::error_code;

constexpr int kInterimRepliesMax = 16;

/// A body in wiped memory.
struct SecretBody {
  using value_type = detail::SecretBuffer;

  class reader {
   public:
    template <bool is_request, class Fields>
    reader(http::header<is_request, Fields>&, value_type& body) : body_(body) {}

    /// The length that the server names bounds nothing until it is there.
    void init(const boost::optional<std::uint64_t>&, ErrorOfBeast& error) { error = {}; }

    template <class Buffers>
    std::size_t put(const Buffers& buffers, ErrorOfBeast& error) {
      error = {};
      std::size_t size = 0;
      for (auto it = boost::asio::buffer_sequence_begin(buffers);
           it != boost::asio::buffer_sequence_end(buffers); ++it) {
        const boost::asio::const_buffer part = *it;
        body_.append({static_cast<const char*>(part.data()), part.size()});
        size += part.size();
      }
      return size;
    }
    void finish(ErrorOfBeast& error) { error = {}; }

   private:
    value_type& body_;
  };
};

using Parser = http::response_parser<SecretBody>;

[[noreturn]] void refuse(const ErrorOfBeast& error) {
  if (error == http::error::body_limit || error == http::error::header_limit)
    throw Error(ErrorCode::unavailable, "the reply of the server is larger than any of Kist's");
  if (error == http::error::partial_message || error == http::error::end_of_stream)
    throw Error(ErrorCode::unavailable, "the reply of the server ended in its middle");
  throw Error(ErrorCode::unavailable,
              "what the server sent is no reply of HTTP/1.1 (" + error.message() + ")");
}

std::string header(const Parser& parser, std::string_view name) {
  const auto found = parser.get().find({name.data(), name.size()});
  if (found == parser.get().end()) return {};
  return {found->value().data(), found->value().size()};
}

}  // namespace

struct ReplyParser::Parts {
  std::optional<Parser> parser;
  int interim_replies = 0;

  void begin() {
    parser.emplace();
    parser->header_limit(kReplyHeaderBytesMax);
    parser->body_limit(kReplyBodyBytesMax);
    parser->eager(true);
  }
  bool is_interim() const { return parser->is_done() && parser->get().result_int() / 100 == 1; }
};

ReplyParser::ReplyParser() : parts_(std::make_unique<Parts>()) { parts_->begin(); }
ReplyParser::~ReplyParser() = default;

std::size_t ReplyParser::put(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && !is_done()) {
    ErrorOfBeast error;
    const std::size_t count =
        parts_->parser->put(boost::asio::buffer(bytes.data() + taken, bytes.size() - taken), error);
    taken += count;
    if (error == http::error::need_more) break;
    if (error) refuse(error);
    if (!parts_->is_interim()) {
      if (count == 0) break;
      continue;
    }
    if (++parts_->interim_replies > kInterimRepliesMax)
      throw Error(ErrorCode::unavailable, "the server sends interim replies without an end");
    parts_->begin();
  }
  return taken;
}

void ReplyParser::put_end() {
  if (is_done()) return;
  ErrorOfBeast error;
  parts_->parser->put_eof(error);
  if (error) refuse(error);
}

bool ReplyParser::is_done() const { return parts_->parser->is_done() && !parts_->is_interim(); }

HttpReply ReplyParser::take() {
  const Parser& parser = *parts_->parser;
  HttpReply reply;
  reply.status = parser.get().result_int();
  reply.reason = std::string(parser.get().reason().data(), parser.get().reason().size());
  reply.content_type = header(parser, "Content-Type");
  reply.request_id = header(parser, "X-Request-Id");
  reply.retry_after = header(parser, "Retry-After");
  reply.keep_alive = parser.keep_alive();
  reply.body = std::move(parts_->parser->get().body());
  return reply;
}

}  // namespace kist::client
