// SPDX-License-Identifier: Apache-2.0
#include "api/if_match.hpp"

#include <string>

#include <doctest/doctest.h>

#include "../secrets/failure_of.hpp"

namespace kist::api {
namespace {

std::string shown(std::string_view header) {
  std::string text;
  const std::string failure = core::testing::failure_of([&] {
    for (const std::uint64_t revision : parse_if_match(header))
      text += (text.empty() ? "" : " ") + std::to_string(revision);
    if (text.empty()) text = "any";
  });
  return failure.empty() ? text : failure;
}

std::string many(std::size_t count) {
  std::string header = "\"1\"";
  while (--count > 0) header += ",\"1\"";
  return header;
}

TEST_SUITE("host/api/if_match") {
  TEST_CASE("it names revisions as ETag gives them") {
    CHECK(shown("\"7\"") == "7");
    CHECK(shown(" \"7\"\t") == "7");
    CHECK(shown("\"7\", \"9\",\"10\"") == "7 9 10");
    CHECK(shown("\"18446744073709551615\"") == "18446744073709551615");
    CHECK(shown("*") == "any");
    CHECK(shown(" * ") == "any");
  }

  TEST_CASE("weak tags and all else are refused") {
    for (const std::string header : {"",
                                     "7",
                                     "\"7",
                                     "7\"",
                                     "\"\"",
                                     "\"a\"",
                                     "\"-1\"",
                                     "\" 7\"",
                                     "\"7 \"",
                                     "\"0x7\"",
                                     "W/\"7\"",
                                     "\"7\", W/\"8\"",
                                     "\"7\" \"8\"",
                                     "\"7\",",
                                     ",\"7\"",
                                     "*, \"7\"",
                                     "**",
                                     "\"7\", *",
                                     "\"18446744073709551616\"",
                                     "\"7\"x"}) {
      CAPTURE(header);
      CHECK(shown(header).starts_with("invalid_argument: If-Match is '" + header + "'; expected "));
    }
  }

  TEST_CASE("there may be 100 tags, and not one more") {
    CHECK(parse_if_match(many(kMaxTags)).size() == 100);
    CHECK(shown(many(kMaxTags + 1)).ends_with("; expected at most 100 tags"));
  }
}

}  // namespace
}  // namespace kist::api
