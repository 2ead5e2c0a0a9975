// SPDX-License-Identifier: Apache-2.0
#include "client/server_address.hpp"

#include <string>

#include <doctest/doctest.h>

#include <kist/error.hpp>

using kist::client::parse_server_address;
using kist::client::ServerAddress;
using Kind = ServerAddress::Kind;

namespace {

std::string refusal_of(const std::string& text) {
  try {
    parse_server_address(text, "--server");
  } catch (const kist::Error& error) {
    CHECK(error.code == kist::ErrorCode::invalid_argument);
    return std::string(error.message());
  }
  return "none";
}

}  // namespace

TEST_SUITE("client/server_address") {
  TEST_CASE("a server is named by scheme, host and port, or by the path of its socket") {
    struct Case {
      std::string text;
      Kind kind;
      std::string host;
      int port;
      std::string authority;
    };
    const Case cases[] = {
        {"https://kist.example", Kind::https, "kist.example", 443, "kist.example"},
        {"https://kist.example/", Kind::https, "kist.example", 443, "kist.example"},
        {"HTTPS://Kist.example:8420", Kind::https, "Kist.example", 8420, "Kist.example:8420"},
        {"http://127.0.0.1:8420", Kind::http, "127.0.0.1", 8420, "127.0.0.1:8420"},
        {"http://localhost", Kind::http, "localhost", 80, "localhost"},
        {"https://[::1]:8420", Kind::https, "::1", 8420, "[::1]:8420"},
        {"https://[2001:db8::1]", Kind::https, "2001:db8::1", 443, "[2001:db8::1]"},
        {"http://a:65535", Kind::http, "a", 65535, "a:65535"},
    };
    for (const Case& item : cases) {
      CAPTURE(item.text);
      const ServerAddress address = parse_server_address(item.text, "--server");
      CHECK(address.kind == item.kind);
      CHECK(address.host == item.host);
      CHECK(address.port == item.port);
      CHECK(address.authority() == item.authority);
      CHECK(address.named() == "server '" + item.text + "'");
    }
    const ServerAddress socket = parse_server_address("unix:/run/kist/kist.sock", "--server");
    CHECK(socket.kind == Kind::unix_socket);
    CHECK(socket.path == "/run/kist/kist.sock");
    CHECK(socket.authority() == "localhost");
  }

  TEST_CASE("all else is refused") {
    const std::string texts[] = {
        "",
        "kist.example",
        "ftp://kist.example",
        "https:/kist.example",
        "https://",
        "https:///",
        "https://kist.example/api",
        "https://kist.example?x",
        "https://kist.example:",
        "https://kist.example:0",
        "https://kist.example:65536",
        "https://kist.example:84x",
        "https://kist.example:-1",
        "https://kist example",
        "https://kist\r\nHost: evil",
        "https://[::1",
        "https://[::g]",
        "https://[::1]8420",
        "https://[kist.example]",
        "https://kist.ex\xc3\xa4mple",
        "https://" + std::string(254, 'a'),
        "unix:",
        "unix:kist.sock",
        std::string("unix:/a\0b", 9),
    };
    for (const std::string& text : texts) {
      CAPTURE(text);
      CHECK(
          refusal_of(text).find("expected https://HOST[:PORT], http://HOST[:PORT] or unix:/PATH") !=
          std::string::npos);
    }
    CHECK(refusal_of("unix:/" + std::string(107, 'a')) ==
          "--server names a path of 108 bytes; a Unix socket's has at most 107");
    CHECK(parse_server_address("unix:/" + std::string(106, 'a'), "--server").path.size() == 107);
  }

  TEST_CASE("AT-37: a password in an address is refused, and no message shows it") {
    for (const std::string text : {"https://me:hunter2@kist.example", "hunter2@kist.example"}) {
      const std::string refusal = refusal_of(text);
      CHECK(refusal.find("hunter2") == std::string::npos);
      CHECK(refusal.find("a user name or a password") != std::string::npos);
    }
  }
}
