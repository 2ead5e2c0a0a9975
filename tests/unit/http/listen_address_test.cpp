// SPDX-License-Identifier: Apache-2.0
#include "http/listen_address.hpp"

#include <string>

#include <doctest/doctest.h>

#include <kist/error.hpp>

using kist::http::ListenAddress;

namespace {

std::string message_for(const std::string& text) {
  try {
    ListenAddress::parse(text);
  } catch (const kist::Error& error) {
    CHECK(error.code == kist::ErrorCode::invalid_argument);
    return std::string(error.message());
  }
  return "accepted";
}

}  // namespace

TEST_SUITE("http/listen_address") {
  TEST_CASE("an address is an IP address with a port, or the path of a socket") {
    const struct {
      const char *text, *shown;
      bool local;
    } cases[] = {
        {"127.0.0.1:8420", "127.0.0.1:8420", true},
        {"127.0.0.1", "127.0.0.1:8420", true},
        {"localhost:0", "127.0.0.1:0", true},
        {"[::1]:9", "[::1]:9", true},
        {"[::1]", "[::1]:8420", true},
        {"0.0.0.0:443", "0.0.0.0:443", false},
        {"[::]:443", "[::]:443", false},
        {"192.0.2.7:65535", "192.0.2.7:65535", false},
        {"unix:/run/kist/kist.sock", "unix:/run/kist/kist.sock", true},
    };
    for (const auto& row : cases) {
      CAPTURE(row.text);
      const ListenAddress address = ListenAddress::parse(row.text);
      CHECK(address.text() == row.shown);
      CHECK(address.is_local() == row.local);
    }
  }

  TEST_CASE("what is no address is refused with what was found and what is expected") {
    const std::string expected =
        "; expected an address such as 127.0.0.1:8420, [::1]:8420 or unix:/run/kist/kist.sock";
    CHECK(message_for("kist.example:80") ==
          "cannot listen at 'kist.example:80': 'kist.example' is no IP address" + expected);
    CHECK(message_for("127.0.0.1:65536") ==
          "cannot listen at '127.0.0.1:65536': '65536' is no port from 0 to 65535" + expected);
    for (const char* const text :
         {"", ":", ":80", "127.0.0.1:", "127.0.0.1:-1", "127.0.0.1:8x", "127.0.0.1 :80", "::1",
          "[::1", "[::1]8", "[127.0.0.1]:80", "unix:", "unix:kist.sock", "http://127.0.0.1"}) {
      CAPTURE(text);
      CHECK(message_for(text).starts_with("cannot listen at '"));
    }
    CHECK(message_for("unix:/" + std::string(107, 'x')).find("longer than 107 bytes") !=
          std::string::npos);
    CHECK(message_for("unix:/" + std::string(106, 'x')) == "accepted");
  }
}
