// SPDX-License-Identifier: Apache-2.0
// AT-27: bytes that two parsers could take for two different requests.
#include <string>

#include <doctest/doctest.h>

#include "server_place.hpp"

using namespace kist::testing;

namespace {

/// Stands behind a request that must not be understood: an answer to it would be the smuggled one.
constexpr const char* kSmuggled = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n";

struct Refused {
  const char* what;
  std::string bytes;
  int status = 400;
};

std::string post(const std::string& headers, const std::string& body) {
  return "POST /api/v1/secrets HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n" + body;
}

std::string get(const std::string& headers, const std::string& target = "/health",
                const std::string& method = "GET") {
  return method + " " + target + " HTTP/1.1\r\n" + headers + "\r\n";
}

std::string chunked(const std::string& chunks) {
  return post("Transfer-Encoding: chunked\r\n", chunks);
}

/// Whatever comes: one reply with an error, the end of the connection, and no second reply.
void check_refused(const RunningServer& server, const Refused& refused) {
  CAPTURE(std::string(refused.what));
  Connection connection = server.connect();
  connection.try_send(refused.bytes + kSmuggled);
  connection.end_sending();
  const Answer answer = connection.answer();
  CHECK(answer.status == refused.status);
  CHECK(answer.closes());
  CHECK(!answer.code().empty());
  CHECK(connection.closes());
}

}  // namespace

TEST_SUITE("server/smuggling") {
  TEST_CASE("AT-27: a length that is not one plain number is refused, and the connection closes") {
    const RunningServer server;
    const Refused cases[] = {
        {"a length and chunks",
         post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
        {"chunks and a length",
         post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n")},
        {"two lengths", post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello")},
        {"two equal lengths", post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello")},
        {"two in one", post("Content-Length: 5,5\r\n", "hello")},
        {"+", post("Content-Length: +5\r\n", "hello")},
        {"-", post("Content-Length: -1\r\n", "")},
        {"hexadecimal", post("Content-Length: 0x5\r\n", "hello")},
        {"a fraction", post("Content-Length: 5.0\r\n", "hello")},
        {"inner white space", post("Content-Length: 5 5\r\n", "hello")},
        {"nothing", post("Content-Length: \r\n", "")},
        {"a word", post("Content-Length: five\r\n", "hello")},
        {"beyond 64 bits", post("Content-Length: 18446744073709551621\r\n", "hello")},
    };
    for (const Refused& refused : cases) check_refused(server, refused);
  }

  TEST_CASE("AT-27: a transfer coding that is not 'chunked' alone is refused") {
    const RunningServer server;
    const Refused cases[] = {
        {"chunked, identity", post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n")},
        {"identity", post("Transfer-Encoding: identity\r\n", "")},
        {"gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 501},
        {"unknown", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n")},
        {"twice",
         post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
        {"twice in one", post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n")},
        {"a vertical tab", post("Transfer-Encoding: \vchunked\r\n", "0\r\n\r\n")},
        {"quoted", post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n")},
    };
    for (Refused refused : cases) {
      CAPTURE(std::string(refused.what));
      Connection connection = server.connect();
      connection.try_send(refused.bytes + kSmuggled);
      connection.end_sending();
      const Answer answer = connection.answer();
      CHECK((answer.status == 400 || answer.status == 501));
      CHECK(answer.closes());
      CHECK(connection.closes());
    }
  }

  TEST_CASE("AT-27: lines and headers that are not as HTTP writes them are refused") {
    const RunningServer server;
    using namespace std::string_literals;
    const Refused cases[] = {
        {"bare LF behind the request line", "GET /health HTTP/1.1\nHost: localhost\r\n\r\n"},
        {"bare LF behind a header", "GET /health HTTP/1.1\r\nHost: localhost\n\r\n"},
        {"bare LF as the end", "GET /health HTTP/1.1\r\nHost: localhost\r\n\n"},
        {"bare CR in a header", get("Host: localhost\r\nX: a\rb\r\n")},
        {"obs-fold", get("Host: localhost\r\nX: a\r\n b\r\n")},
        {"obs-fold of the first header", get(" Host: localhost\r\n")},
        {"a space before the colon", get("Host : localhost\r\n")},
        {"a tab before the colon", get("Host\t: localhost\r\n")},
        {"no colon", get("Host: localhost\r\nnothing\r\n")},
        {"no name", get("Host: localhost\r\n: x\r\n")},
        {"NUL in a header", get("Host: localhost\r\nX: a\0b\r\n"s)},
        {"NUL in a name", get("Host: localhost\r\nX\0Y: b\r\n"s)},
        {"a control character in a header", get("Host: localhost\r\nX: \x01\r\n")},
        {"two spaces", "GET  /health HTTP/1.1\r\nHost: localhost\r\n\r\n"},
        {"a tab", "GET\t/health HTTP/1.1\r\nHost: localhost\r\n\r\n"},
        {"a space in the target", "GET /he alth HTTP/1.1\r\nHost: localhost\r\n\r\n", 505},
        {"no version", "GET /health\r\nHost: localhost\r\n\r\n"},
        {"lower case version", "GET /health http/1.1\r\nHost: localhost\r\n\r\n", 505},
        {"no target", "GET HTTP/1.1\r\nHost: localhost\r\n\r\n"},
        {"a space before the method", " GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"},
        {"a method that is no token", get("Host: localhost\r\n", "/health", "G{}T")},
        {"no host", get("X: y\r\n")},
        {"two hosts", get("Host: localhost\r\nHost: example.com\r\n")},
        {"noise", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"s},
    };
    for (const Refused& refused : cases) check_refused(server, refused);
  }

  TEST_CASE("AT-27: a target that is no path of this server is refused") {
    const RunningServer server;
    const Refused cases[] = {
        {"absolute form", get("Host: localhost\r\n", "http://localhost/health")},
        {"absolute form, elsewhere", get("Host: localhost\r\n", "http://example.com/health")},
        {"authority form", get("Host: localhost\r\n", "localhost:80")},
        {"a fragment", get("Host: localhost\r\n", "/health#x")},
        {"asterisk", get("Host: localhost\r\n", "*")},
    };
    for (const Refused& refused : cases) check_refused(server, refused);
    for (const char* const method : {"CONNECT", "TRACE"}) {
      CAPTURE(std::string(method));
      for (const char* const target : {"/health", "localhost:80", "/api/v1/secrets"}) {
        Connection connection = server.connect();
        connection.send(get("Host: localhost\r\nAuthorization: Bearer " + server.admin + "\r\n",
                            target, method));
        const Answer answer = connection.answer();
        CHECK(answer.status == 400);
        CHECK(answer.closes());
        CHECK(answer.body.find("localhost") == std::string::npos);
      }
    }
  }

  TEST_CASE("AT-27: chunks that are not as HTTP writes them are refused") {
    const RunningServer server;
    using namespace std::string_literals;
    const Refused cases[] = {
        {"no size", chunked("\r\nhello\r\n0\r\n\r\n")},
        {"a word", chunked("five\r\nhello\r\n0\r\n\r\n")},
        {"a sign", chunked("+5\r\nhello\r\n0\r\n\r\n")},
        {"0x", chunked("0x5\r\nhello\r\n0\r\n\r\n")},
        {"beyond 64 bits", chunked("10000000000000005\r\nhello\r\n0\r\n\r\n")},
        {"white space before", chunked(" 5\r\nhello\r\n0\r\n\r\n")},
        {"bare LF behind the size", chunked("5\nhello\r\n0\r\n\r\n")},
        {"bare LF behind the data", chunked("5\r\nhello\n0\r\n\r\n")},
        {"data longer than its size", chunked("4\r\nhello\r\n0\r\n\r\n")},
        {"a flood of extensions",
         chunked("5;" + std::string(100'000, 'x') + "\r\nhello\r\n0\r\n\r\n")},
        {"a bare LF in an extension", chunked("5;a\nb\r\nhello\r\n0\r\n\r\n")},
        {"a trailer", chunked("0\r\nX: y\r\n\r\n")},
        {"a trailer with a length", chunked("0\r\nContent-Length: 5\r\nX : y\r\n\r\n")},
    };
    for (const Refused& refused : cases) check_refused(server, refused);
    // Many small ones, each with an extension.
    Connection flood = server.connect();
    std::string bytes = post("Transfer-Encoding: chunked\r\n", "");
    for (int i = 0; i < 50'000; ++i) bytes += "1;" + std::string(100, 'x') + "\r\ny\r\n";
    flood.try_send(bytes, std::chrono::seconds(2));
    const Answer answer = flood.answer();
    CHECK((answer.status == 400 || answer.status == 413));
  }

  TEST_CASE(
      "AT-27: other versions of HTTP end the connection, and none smuggles a second request") {
    const RunningServer server;
    const struct {
      const char* version;
      int status;
    } cases[] = {{"HTTP/1.0", 200},  {"HTTP/2.0", 505}, {"HTTP/0.9", 505}, {"HTTP/1.2", 505},
                 {"HTTP/1.11", 505}, {"HTTP/1.", 505},  {"HTTP/x.y", 505}};
    for (const auto& [version, status] : cases) {
      const std::string of(version);
      CAPTURE(of);
      Connection connection = server.connect();
      connection.send("GET /health " + std::string(version) +
                      "\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n" + kSmuggled);
      const Answer answer = connection.answer();
      CHECK(answer.status == status);
      CHECK(answer.closes());
      CHECK(connection.closes());
    }
    Connection chunked_1_0 = server.connect();
    chunked_1_0.send(
        "POST /api/v1/secrets HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    CHECK(chunked_1_0.answer().status == 400);
    Connection preface = server.connect();
    preface.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    CHECK(preface.answer().status >= 400);
    CHECK(preface.closes());
  }

  TEST_CASE("a body in chunks is the same as one with a length") {
    const RunningServer server;
    Connection connection = server.connect();
    const std::string body = secret_json("s");
    std::string bytes =
        post("Authorization: Bearer " + server.admin +
                 "\r\nContent-Type: application/json\r\ntransfer-encoding: Chunked\r\n",
             "");
    for (const char c : body) bytes += std::string("1\r\n") + c + "\r\n";
    connection.send(bytes + "0\r\n\r\n");
    CHECK(connection.answer().status == 200);
    CHECK(connection.ask({.path = "/health"}).status == 200);
  }
}
