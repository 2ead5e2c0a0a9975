// SPDX-License-Identifier: Apache-2.0
#include "http/reply_head.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace kist::http;

TEST_SUITE("http/reply_head") {
  TEST_CASE("every reply says when, which request, how long, and that nobody may keep it") {
    Reply reply;
    reply.status = 404;
    reply.headers.emplace_back("Retry-After", "1");
    reply.body.append("{}");
    kist::detail::SecretBuffer out;
    append_reply_head(out, reply, "1a-2b", "Thu, 01 Jan 1970 00:00:00 GMT", true);
    CHECK(std::string(out.data(), out.size()) ==
          "HTTP/1.1 404 Not Found\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nX-Request-Id: 1a-2b\r\n"
          "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
          "Content-Type: application/json\r\nRetry-After: 1\r\nConnection: close\r\n"
          "Content-Length: 2\r\n\r\n");
  }

  TEST_CASE("a date is that of RFC 9110, and is made anew when the second changes") {
    DateHeader date;
    CHECK(date.text(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(date.text(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(date.text(784111778) == "Sun, 06 Nov 1994 08:49:38 GMT");
  }

  TEST_CASE("each status that is used has a reason") {
    for (const int status : {200, 400, 401, 403, 404, 405, 408, 409, 412, 413, 414, 415,
                             417, 422, 429, 431, 500, 501, 502, 503, 504, 505, 507}) {
      CAPTURE(status);
      CHECK(!reason_phrase(status).empty());
      CHECK(reason_phrase(status) != "<unknown-status>");
    }
  }
}
