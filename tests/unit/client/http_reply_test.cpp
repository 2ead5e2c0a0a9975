// SPDX-License-Identifier: Apache-2.0
#include "client/http_reply.hpp"

#include <string>

#include <doctest/doctest.h>

#include <kist/error.hpp>

using namespace kist::client;

namespace {

/// Feeds `text` in pieces of `size` bytes, as HttpClient does.
HttpReply parsed(std::string_view text, std::size_t size, bool ends = false) {
  ReplyParser parser;
  std::string kept;
  while (!text.empty() && !parser.is_done()) {
    kept += text.substr(0, size);
    text.remove_prefix(std::min(size, text.size()));
    kept.erase(0, parser.put(kept));
  }
  if (ends && !parser.is_done()) parser.put_end();
  REQUIRE(parser.is_done());
  return parser.take();
}

std::string refusal_of(std::string_view text) {
  try {
    parsed(text, 4096, true);
  } catch (const kist::Error& error) {
    CHECK(error.code == kist::ErrorCode::unavailable);
    return std::string(error.message());
  }
  return "none";
}

std::string body_of(const HttpReply& reply) { return std::string(reply.text()); }

}  // namespace

TEST_SUITE("client/http_reply") {
  TEST_CASE("a reply is the same in pieces of any size") {
    const std::string text =
        "HTTP/1.1 100 Continue\r\n\r\n"
        "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nX-Request-Id: r-7\r\n"
        "Retry-After: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n "
        "world\r\n0\r\n\r\n";
    for (std::size_t size = 1; size <= text.size(); ++size) {
      CAPTURE(size);
      const HttpReply reply = parsed(text, size);
      CHECK(reply.status == 404);
      CHECK(reply.reason == "Not Found");
      CHECK(reply.content_type == "application/json");
      CHECK(reply.request_id == "r-7");
      CHECK(reply.retry_after == "3");
      CHECK(reply.keep_alive);
      CHECK(body_of(reply) == "hello world");
    }
  }

  TEST_CASE("a body ends with its length, or with the connection") {
    CHECK(body_of(parsed("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef", 4096)) == "abc");
    const HttpReply reply = parsed("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc", 4096, true);
    CHECK(body_of(reply) == "abc");
    CHECK_FALSE(reply.keep_alive);
    CHECK_FALSE(parsed("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", 4096).keep_alive);
  }

  TEST_CASE("what is no reply, or half of one, is refused") {
    const char* const no_reply = "what the server sent is no reply of HTTP/1.1";
    for (const std::string text :
         {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "\x15\x03\x01\x02\x02\x16\r\n\r\n",
          "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
      CAPTURE(text);
      CHECK(refusal_of(text).starts_with(no_reply));
    }
    for (const std::string text :
         {"HTTP/1.1 200", "HTTP/1.1 200 OK\r\nA: b\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"}) {
      CAPTURE(text);
      CHECK(refusal_of(text) == "the reply of the server ended in its middle");
    }
  }

  TEST_CASE("a reply past a limit is refused, and one within it is not") {
    const std::string start = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: ";
    CHECK(refusal_of(start + std::string(kReplyHeaderBytesMax, 'a') + "\r\n\r\n") ==
          "the reply of the server is larger than any of Kist's");
    CHECK(parsed(start + std::string(kReplyHeaderBytesMax - 100, 'a') + "\r\n\r\n", 4096).status ==
          200);
    CHECK(
        refusal_of("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kReplyBodyBytesMax + 1) +
                   "\r\n\r\n") == "the reply of the server is larger than any of Kist's");
    std::string interim;
    for (int i = 0; i < 100; ++i) interim += "HTTP/1.1 103 Early Hints\r\n\r\n";
    CHECK(refusal_of(interim) == "the server sends interim replies without an end");
  }
}
