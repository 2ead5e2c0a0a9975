// SPDX-License-Identifier: Apache-2.0
#include "text/suggestion.hpp"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

using namespace kist::core;

TEST_SUITE("core/text/suggestion") {
  TEST_CASE("the edit distance counts insertions, deletions, replacements and swaps") {
    struct Case {
      std::string_view a, b;
      std::size_t expected;
    };
    const Case cases[] = {{"", "", 0},      {"abc", "abc", 0},       {"", "abc", 3},
                          {"abc", "", 3},   {"abc", "abd", 1},       {"abc", "acb", 1},
                          {"abc", "ab", 1}, {"ab", "abc", 1},        {"abcd", "badc", 2},
                          {"ca", "abc", 3}, {"kitten", "sitting", 3}};
    for (const Case& c : cases) {
      CAPTURE(c.a);
      CAPTURE(c.b);
      CHECK(edit_distance(c.a, c.b) == c.expected);
      CHECK(edit_distance(c.b, c.a) == c.expected);
    }
  }

  TEST_CASE("a word is suggested within two edits, and not for a word that is mostly different") {
    constexpr std::string_view words[] = {"address", "path", "port", "id"};
    struct Case {
      std::string_view word, expected;
    };
    const Case cases[] = {{"adress", "address"},
                          {"adresss", "address"},
                          {"adrss", "address"},
                          {"addr", ""},
                          {"paht", "path"},
                          {"prt", "port"},
                          {"uri", ""},
                          {"ix", ""},
                          {"", ""}};
    for (const Case& c : cases) {
      CAPTURE(c.word);
      CHECK(std::string(nearest(c.word, words).value_or("")) == c.expected);
    }
    CHECK(!nearest(std::string(1000000, 'a'), words));
  }

  TEST_CASE("the end of a sentence names a guess, if there is one, and all that is allowed") {
    constexpr std::string_view words[] = {"path", "port"};
    CHECK(allowed_words("paht", words) == "; did you mean 'path'? Allowed: path, port");
    CHECK(allowed_words("zzz", words) == ". Allowed: path, port");
    CHECK(allowed_words("zzz", {}) == ". Allowed: none");
  }
}
