// SPDX-License-Identifier: Apache-2.0
#include "access/network.hpp"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

namespace kist::core {
namespace {

TEST_SUITE("core/access/network") {
  TEST_CASE("an IPv4 address counts whole, an IPv6 one by its first 64 bits (AT-53)") {
    struct Case {
      std::string_view address, network;
    };
    const Case cases[] = {
        {"127.0.0.1", "127.0.0.1"},
        {"255.255.255.255", "255.255.255.255"},
        {"0.0.0.0", "0.0.0.0"},
        {"::", "::/64"},
        {"::1", "::/64"},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
        {"2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"},
        {"2001:DB8:1:2::", "2001:db8:1:2::/64"},
        {"2001:db8:1:3::", "2001:db8:1:3::/64"},
        {"fe80::1%eth0", "fe80::/64"},
        {"::ffff:192.0.2.7", "192.0.2.7"},
        {"::ffff:c000:207", "192.0.2.7"},
        {"::fffe:192.0.2.7", "::/64"},
        {"::192.0.2.7", "::/64"},
        {"64:ff9b::192.0.2.7", "64:ff9b::/64"},
    };
    for (const Case& c : cases) {
      CAPTURE(c.address);
      CHECK(counted_network(c.address) == std::string(c.network));
    }
  }

  TEST_CASE("what is no address has no network") {
    for (const std::string_view text :
         {"", "unix", "1.2.3", "1.2.3.4.5", "256.0.0.1", "127.0.0.1:80", "[::1]", "::1/64",
          ":::", "1::2::3", "%eth0", " ::1", "::1 ", "127.0.0.1%eth0", "localhost", "\xFF"}) {
      CAPTURE(text);
      CHECK_FALSE(counted_network(text));
    }
    CHECK_FALSE(counted_network(std::string_view("127.0.0.1\0x", 11)));
    CHECK_FALSE(counted_network(std::string(1 << 20, ':')));
  }

  TEST_CASE("the bytes of an address count as its text does") {
    CHECK(counted_network(std::array<std::uint8_t, 4>{192, 0, 2, 7}) == "192.0.2.7");
    CHECK(counted_network(std::array<std::uint8_t, 16>{0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 9, 9, 9}) ==
          "2001:db8:0:1::/64");
    CHECK(counted_network(std::array<std::uint8_t, 16>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10,
                                                       1, 2, 3}) == "10.1.2.3");
  }
}

}  // namespace
}  // namespace kist::core
