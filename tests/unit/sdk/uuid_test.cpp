// SPDX-License-Identifier: Apache-2.0
// UUIDs as text: one way out, and only whole ones in.

#include <string_view>

#include <doctest/doctest.h>

#include <kist/uuid.hpp>

namespace kist {
namespace {

TEST_SUITE("sdk/uuid") {
  TEST_CASE("a UUID is written in lower case with hyphens, or as its digits alone") {
    const auto uuid = Uuid::parse("3F0C2D4E-5b6a-4788-99AA-bbccddeeff00");
    REQUIRE(uuid);
    CHECK(uuid->to_string() == "3f0c2d4e-5b6a-4788-99aa-bbccddeeff00");
    CHECK(uuid->to_hex() == "3f0c2d4e5b6a478899aabbccddeeff00");
    CHECK(Uuid::parse(uuid->to_hex()) == uuid);
  }

  TEST_CASE("what is no whole UUID is none") {
    for (const std::string_view text :
         {"", "3f0c", "3f0c2d4e-5b6a-4788-99aa-bbccddeeff0",
          "3f0c2d4e-5b6a-4788-99aa-bbccddeeff000", "3f0c2d4e-5b6a-4788-99aa-bbccddeeff0g",
          "{3f0c2d4e-5b6a-4788-99aa-bbccddeeff00}", " 3f0c2d4e-5b6a-4788-99aa-bbccddeeff00"}) {
      CAPTURE(text);
      CHECK_FALSE(Uuid::parse(text).has_value());
    }
  }
}

}  // namespace
}  // namespace kist
