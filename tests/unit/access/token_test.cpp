// SPDX-License-Identifier: Apache-2.0
#include "access/token.hpp"

#include <cctype>
#include <set>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "token_sample.hpp"

namespace kist::core {
namespace {

using testing::kSampleToken;
using testing::kSampleTokenHash;

constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";

std::string replaced(std::string text, std::size_t place, std::string_view with) {
  return text.replace(place, with.size(), with);
}

TEST_SUITE("core/access/token") {
  TEST_CASE("a token is kist_, eight characters, and fifty-two of five random bits each") {
    const SecretValue token = new_token();
    const std::string text(token.reveal());
    REQUIRE(text.size() == kTokenSize);
    CHECK(kTokenSize == 66);
    CHECK(text.substr(0, 5) == "kist_");
    CHECK(text[13] == '_');
    CHECK(text.substr(5, 8).find_first_not_of(kAlphabet) == std::string::npos);
    CHECK(text.substr(14).find_first_not_of(kAlphabet) == std::string::npos);
  }

  TEST_CASE("one double click selects a token: it is all letters, digits and underscores") {
    const SecretValue token = new_token();
    for (const char c : token.reveal())
      CHECK((std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'));
  }

  TEST_CASE("no two tokens are alike, and each character comes at each place") {
    std::set<std::string> tokens, ids;
    std::set<char> at_place[kTokenSize];
    for (int i = 0; i < 2000; ++i) {
      const SecretValue token = new_token();
      const std::string text(token.reveal());
      tokens.insert(text);
      ids.insert(text.substr(5, 8));
      for (std::size_t place = 0; place < text.size(); ++place) at_place[place].insert(text[place]);
    }
    CHECK(tokens.size() == 2000);
    CHECK(ids.size() == 2000);
    for (std::size_t place = 0; place < kTokenSize; ++place) {
      CAPTURE(place);
      CHECK(at_place[place].size() == (place < 5 || place == 13 ? 1 : kAlphabet.size()));
    }
  }

  TEST_CASE("what is kept of a token is what another implementation of HMAC makes of it") {
    const auto hash = TokenHash::parse(kSampleTokenHash);
    REQUIRE(hash);
    CHECK(hash->to_string() == kSampleTokenHash);
    CHECK(lookup_id_of(kSampleToken) == hash->lookup_id);
    CHECK(token_mac(principal_key(*hash, "alice"), kSampleToken) == hash->mac);
  }

  TEST_CASE("what is kept of a token shows its lookup id and nothing of its secret (AT-10)") {
    const SecretValue token = new_token();
    const std::string text = TokenHash::make(token.view(), "alice").to_string();
    CHECK(text.substr(0, 12) == "v1." + std::string(token.reveal().substr(5, 8)) + ".");
    for (std::size_t place = 14; place + 8 <= kTokenSize; ++place)
      CHECK(text.find(token.reveal().substr(place, 8)) == std::string::npos);
  }

  TEST_CASE("the same token is kept differently each time, by a key of its own") {
    const SecretView token{kSampleToken};
    const TokenHash one = TokenHash::make(token, "alice"), other = TokenHash::make(token, "alice");
    CHECK(one.key != other.key);
    CHECK(one.mac != other.mac);
    CHECK(token_mac(principal_key(one, "alice"), kSampleToken) == one.mac);
    CHECK(token_mac(principal_key(one, "alicf"), kSampleToken) != one.mac);
  }

  TEST_CASE("a hash is written in one way only") {
    const std::string right = kSampleTokenHash;
    const std::string cases[] = {
        "",
        "v1",
        "v1.",
        "canary",
        kSampleToken,
        std::string(1 << 20, 'a'),
        right.substr(1),
        right.substr(0, right.size() - 1),
        right + "0",
        " " + right.substr(1),
        replaced(right, 0, "v2"),
        replaced(right, 0, "V1"),
        replaced(right, 2, ":"),
        replaced(right, 11, ":"),
        replaced(right, 44, ":"),
        replaced(right, 3, "A"),
        replaced(right, 3, "1"),
        replaced(right, 3, "."),
        replaced(right, 12, "g"),
        replaced(right, 22, "A"),
        replaced(right, 45, "D"),
        replaced(right, 45, std::string_view("\0", 1)),
        replaced(right, right.size() - 2, "\xC3\xA9"),
    };
    REQUIRE(TokenHash::parse(right));
    for (const std::string& text : cases) {
      CAPTURE(text.substr(0, 200));
      CHECK_FALSE(TokenHash::parse(text));
    }
  }
}

}  // namespace
}  // namespace kist::core
