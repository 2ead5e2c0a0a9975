// SPDX-License-Identifier: Apache-2.0
#include "http/request_reader.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

using namespace kist::http;
using kist::core::HttpLimits;
using State = RequestReader::State;

namespace {

constexpr std::string_view kHost = "Host: kist\r\n";

std::string get(std::string_view headers, std::string_view target = "/a") {
  return "GET " + std::string(target) + " HTTP/1.1\r\n" + std::string(headers) + "\r\n";
}

std::string post(std::string_view headers, std::string_view body) {
  return "POST /a HTTP/1.1\r\nHost: kist\r\n" + std::string(headers) + "\r\n" + std::string(body);
}

/// Feeds `bytes` in pieces of `size`, and gives what is left of them.
std::string feed(RequestReader& reader, std::string_view bytes, std::size_t size = SIZE_MAX) {
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, size);
    const std::size_t taken = reader.feed(piece);
    bytes.remove_prefix(taken);
    if (reader.state() == State::wants_continue) reader.continued();
    if (reader.state() == State::complete || reader.state() == State::refused) break;
    if (taken < piece.size() && taken == 0) break;
  }
  return std::string(bytes);
}

struct Refused {
  std::string what;
  std::string bytes;
  int status;
};

void check_refusals(const std::vector<Refused>& cases, const HttpLimits& limits = {}) {
  for (const Refused& refused : cases) {
    CAPTURE(refused.what);
    for (const std::size_t size : {SIZE_MAX, std::size_t{1}, std::size_t{7}}) {
      RequestReader reader(limits);
      feed(reader, refused.bytes, size);
      CHECK(reader.state() == State::refused);
      CHECK(reader.refusal().status == refused.status);
      CHECK(!reader.refusal().message.empty());
      CHECK(!reader.keeps_alive());
    }
  }
}

std::string of_size(std::size_t size) { return std::string(size, 'x'); }

}  // namespace

TEST_SUITE("http/request_reader") {
  TEST_CASE("a request is the same whatever the pieces it comes in") {
    const std::string bytes =
        "PUT /api/v1/secrets/x?patch_values=true HTTP/1.1\r\nHost: kist\r\n"
        "Authorization: Bearer abc\r\nContent-Type: application/json\r\nIf-Match: \"3\"\r\n"
        "Content-Length: 11\r\n\r\n{\"a\": \"b\"} GET /next HTTP/1.1\r\n";
    for (std::size_t size = 1; size <= bytes.size(); ++size) {
      CAPTURE(size);
      const HttpLimits limits;
      RequestReader reader(limits);
      std::string_view rest = bytes;
      while (reader.state() != State::complete) {
        const std::size_t taken = reader.feed(rest.substr(0, size));
        REQUIRE(taken > 0);
        rest.remove_prefix(taken);
      }
      CHECK(rest == "GET /next HTTP/1.1\r\n");
      const Request& request = reader.request();
      CHECK(request.method == Method::put);
      CHECK(request.path == "/api/v1/secrets/x");
      CHECK(request.query == "patch_values=true");
      CHECK(request.authorization.reveal() == "Bearer abc");
      CHECK(request.content_type == "application/json");
      CHECK(request.if_match == "\"3\"");
      CHECK(request.body.reveal() == "{\"a\": \"b\"} ");
      CHECK(reader.keeps_alive());
    }
  }

  TEST_CASE("chunks are put together, and what follows them is the next request") {
    const std::string bytes = post("Transfer-Encoding: chunked\r\n",
                                   "3\r\nabc\r\n4;note=1\r\ndefg\r\n0\r\n\r\nGET /next");
    for (std::size_t size = 1; size <= bytes.size(); ++size) {
      CAPTURE(size);
      const HttpLimits limits;
      RequestReader reader(limits);
      const std::string rest = feed(reader, bytes, size);
      REQUIRE(reader.state() == State::complete);
      CHECK(reader.request().body.reveal() == "abcdefg");
      CHECK(rest.ends_with("GET /next"));
    }
  }

  TEST_CASE("pipelined requests are read one after the other by one reader") {
    const HttpLimits limits;
    RequestReader reader(limits);
    std::string rest = get(kHost, "/1") + post("Content-Length: 2\r\n", "hi") + get(kHost, "/3");
    for (const char* const path : {"/1", "/a", "/3"}) {
      rest = feed(reader, rest);
      REQUIRE(reader.state() == State::complete);
      CHECK(reader.request().path == path);
      reader.reset();
      CHECK(reader.state() == State::nothing);
    }
    CHECK(rest.empty());
  }

  TEST_CASE("nothing of one request is seen in the next") {
    const HttpLimits limits;
    RequestReader reader(limits);
    feed(reader, post("Authorization: Bearer abc\r\nIf-Match: \"1\"\r\nContent-Type: x\r\n"
                      "Content-Length: 2\r\n",
                      "hi"));
    reader.reset();
    feed(reader, get(kHost));
    REQUIRE(reader.state() == State::complete);
    CHECK(reader.request().authorization.empty());
    CHECK(reader.request().body.empty());
    CHECK(!reader.request().if_match);
    CHECK(!reader.request().content_type);
    CHECK(reader.request().query.empty());
  }

  TEST_CASE("AT-27: what two readers could read in two ways is refused") {
    check_refusals({
        {"two lengths", post("Content-Length: 2\r\nContent-Length: 2\r\n", "hi"), 400},
        {"two other lengths", post("Content-Length: 2\r\nContent-Length: 3\r\n", "hi"), 400},
        {"a list of lengths", post("Content-Length: 2, 2\r\n", "hi"), 400},
        {"a length with a sign", post("Content-Length: +2\r\n", "hi"), 400},
        {"a negative length", post("Content-Length: -1\r\n", "hi"), 400},
        {"a length in hexadecimal", post("Content-Length: 0x2\r\n", "hi"), 400},
        {"a length that is empty", post("Content-Length:\r\n", "hi"), 400},
        {"a length past 64 bits", post("Content-Length: 18446744073709551616\r\n", ""), 400},
        {"length and chunks",
         post("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
        {"chunks and length",
         post("Transfer-Encoding: chunked\r\nContent-Length: 2\r\n", "0\r\n\r\n"), 400},
        {"an encoding behind chunked", post("Transfer-Encoding: chunked, identity\r\n", "hi"), 400},
        {"an encoding before chunked", post("Transfer-Encoding: gzip, chunked\r\n", "hi"), 400},
        {"an encoding that is not chunked", post("Transfer-Encoding: xchunked\r\n", "hi"), 400},
        {"chunked twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", ""),
         400},
        {"chunks in HTTP/1.0", "POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         400},
        {"a bare LF behind the request line", "GET /a HTTP/1.1\nHost: kist\r\n\r\n", 400},
        {"a bare LF behind a header", "GET /a HTTP/1.1\r\nHost: kist\nA: b\r\n\r\n", 400},
        {"bare LFs at the end", "GET /a HTTP/1.1\r\nHost: kist\r\n\n", 400},
        {"a bare CR", "GET /a HTTP/1.1\r\nHost: ki\rst\r\n\r\n", 400},
        {"a folded header", get("Host: kist\r\nA: b\r\n c\r\n"), 400},
        {"a header folded with a tab", get("Host: kist\r\nA: b\r\n\tc\r\n"), 400},
        {"white space before the first header", get(" Host: kist\r\n"), 400},
        {"a space before the colon", get("Host : kist\r\n"), 400},
        {"a header without a colon", get("Host: kist\r\nnothing\r\n"), 400},
        {"a NUL in a header", get(std::string("Host: ki\0st\r\n", 13)), 400},
        {"an absolute target", get(kHost, "http://kist/a"), 400},
        {"an authority as target", "CONNECT kist:443 HTTP/1.1\r\nHost: kist\r\n\r\n", 400},
        {"CONNECT with a path", "CONNECT /a HTTP/1.1\r\nHost: kist\r\n\r\n", 400},
        {"TRACE", "TRACE /a HTTP/1.1\r\nHost: kist\r\n\r\n", 400},
        {"an asterisk as target", "OPTIONS * HTTP/1.1\r\nHost: kist\r\n\r\n", 400},
        {"a fragment", get(kHost, "/a#b"), 400},
        {"no Host", get(""), 400},
        {"two Hosts", get("Host: a\r\nHost: b\r\n"), 400},
        {"two Authorizations", get("Host: a\r\nAuthorization: x\r\nAuthorization: y\r\n"), 400},
        {"an empty line first", "\r\n" + get(kHost), 400},
        {"HTTP/0.9", "GET /a\r\n\r\n", 400},
        {"HTTP/2", "GET /a HTTP/2.0\r\nHost: kist\r\n\r\n", 505},
        {"TLS on a plain port", std::string("\x16\x03\x01\x02\x00\x01\n", 7), 400},
        {"a chunk size that is none", post("Transfer-Encoding: chunked\r\n", "x\r\nabc\r\n"), 400},
        {"a chunk without its end",
         post("Transfer-Encoding: chunked\r\n", "3\r\nabcd\r\n0\r\n\r\n"), 400},
        {"fields behind the chunks",
         post("Transfer-Encoding: chunked\r\n", "0\r\nAuthorization: Bearer x\r\n\r\n"), 400},
        {"a compressed body", post("Content-Encoding: gzip\r\nContent-Length: 2\r\n", "hi"), 415},
        {"an expectation", post("Expect: tea\r\nContent-Length: 2\r\n", "hi"), 417},
    });
  }

  TEST_CASE("each limit lets through what it names, and refuses what is past it") {
    HttpLimits limits;
    limits.url_bytes = 64;
    limits.header_bytes = 1024;
    limits.header_count = 10;
    limits.body_bytes = 100;
    const auto accepts = [&](const std::string& bytes) {
      RequestReader reader(limits);
      feed(reader, bytes);
      return reader.state() == State::complete;
    };
    std::string ten(kHost);
    for (int i = 0; i < 9; ++i) ten += "A: b\r\n";
    const std::string head = get(std::string(kHost) + "A: \r\n");
    const auto padded = [&](std::size_t size) {
      return get(std::string(kHost) + "A: " + of_size(size - head.size()) + "\r\n");
    };
    CHECK(accepts(get(kHost, "/" + of_size(63))));
    CHECK(accepts(padded(1024)));
    CHECK(accepts(get(ten)));
    CHECK(accepts(post("Content-Length: 100\r\n", of_size(100))));
    CHECK(
        accepts(post("Transfer-Encoding: chunked\r\n", "64\r\n" + of_size(100) + "\r\n0\r\n\r\n")));
    check_refusals(
        {{"a URL", get(kHost, "/" + of_size(64)), 414},
         {"a URL without an end", "GET /" + of_size(2000), 414},
         {"headers", padded(1025), 431},
         {"headers without an end", "GET /a HTTP/1.1\r\nA: " + of_size(2000), 431},
         {"a count of headers", get(ten + "A: b\r\n"), 431},
         {"a body", post("Content-Length: 101\r\n", of_size(101)), 413},
         {"a huge body", post("Content-Length: 9000000000000000000\r\n", ""), 413},
         {"chunks",
          post("Transfer-Encoding: chunked\r\n",
               "32\r\n" + of_size(50) + "\r\n33\r\n" + of_size(51) + "\r\n0\r\n\r\n"),
          413},
         {"a flood of chunk extensions",
          post("Transfer-Encoding: chunked\r\n", "1;" + of_size(20'000) + "\r\nx\r\n"), 400},
         {"a chunk header without an end",
          post("Transfer-Encoding: chunked\r\n", "1;" + of_size(40'000)), 400}},
        limits);
  }

  TEST_CASE("a client that expects 100 Continue is waited for, and one of HTTP/1.0 is not") {
    const HttpLimits limits;
    RequestReader reader(limits);
    const std::string head = post("Expect: 100-continue\r\nContent-Length: 2\r\n", "");
    CHECK(reader.feed(head + "hi") == head.size());
    CHECK(reader.state() == State::wants_continue);
    CHECK(reader.feed("hi") == 0);
    reader.continued();
    CHECK(reader.feed("hi") == 2);
    CHECK(reader.state() == State::complete);

    RequestReader old(limits);
    old.feed("POST /a HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi");
    CHECK(old.state() == State::complete);
  }

  TEST_CASE("a connection stays unless somebody says otherwise") {
    const auto stays = [](const std::string& bytes) {
      const HttpLimits limits;
      RequestReader reader(limits);
      feed(reader, bytes);
      REQUIRE(reader.state() == State::complete);
      return reader.keeps_alive();
    };
    CHECK(stays(get(kHost)));
    CHECK(!stays(get("Host: kist\r\nConnection: close\r\n")));
    CHECK(!stays("GET /a HTTP/1.0\r\n\r\n"));
    CHECK(!stays("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
  }

  TEST_CASE("what has not come in time is refused with 408") {
    const HttpLimits limits;
    RequestReader reader(limits);
    reader.feed("GET /a HT");
    reader.give_up();
    CHECK(reader.state() == State::refused);
    CHECK(reader.refusal().status == 408);
  }
}
