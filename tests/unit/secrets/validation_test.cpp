// SPDX-License-Identifier: Apache-2.0
#include "secrets/validation.hpp"

#include <string>

#include <doctest/doctest.h>

#include "failure_of.hpp"

namespace kist::core {
namespace {

using testing::failure_of;

std::string repeated(std::string_view text, std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

std::string name_failure(std::string_view name) {
  return failure_of([&] { ValidatedName{name}; });
}
std::string key_failure(std::string_view key) {
  return failure_of([&] { check_key(key); });
}

TEST_SUITE("core/secrets/validation") {
  TEST_CASE("AT-02: a name that is accepted keeps its bytes") {
    const std::string names[] = {
        "a",
        "../../etc/passwd",
        "a b",
        "%2e%2e%2f",
        "a'b\"c`$(id)",
        "Zürich",
        "\xF0\x9F\x94\x91",
        std::string(255, 'a'),
        repeated("\xF0\x9F\x94\x91", 255),  // 1020 bytes.
        "\xEE\x80\x80",                     // U+E000, behind the surrogates.
        "\xED\x9F\xBF",                     // U+D7FF, before them.
        "\xF4\x8F\xBF\xBF",                 // U+10FFFF.
    };
    for (const std::string& name : names) {
      CAPTURE(name);
      CHECK(ValidatedName(name).text() == name);
    }
  }

  TEST_CASE("AT-01: what looks like a path stays as it is, and what is no text is refused") {
    for (const std::string_view name :
         {"a/../b", "./", "%2e%2e", "%2F", "%252e", "//", "a.", "\\", ";x"}) {
      CAPTURE(name);
      CHECK(ValidatedName(name).text() == name);
    }
    CHECK(name_failure(std::string_view("a\0b", 3)) ==
          "invalid_argument: the name 'a\\x00b' holds the control character U+0000");
    CHECK(name_failure("\xC0\xAE\xC0\xAE") ==
          "invalid_argument: the name '\\xc0\\xae\\xc0\\xae' is not valid UTF-8");
    CHECK(name_failure("\xED\xA0\x80") ==
          "invalid_argument: the name '\\xed\\xa0\\x80' is not valid UTF-8");
  }

  TEST_CASE("AT-03: names that look alike stay apart, byte by byte") {
    const char* const names[] = {"key",        "Key",       "KEY",      "k\u200Bey",
                                 "\u200Bkey",  "key\uFEFF", "\uFF4Bey", "caf\u00E9",
                                 "cafe\u0301", "\u0130",    "\u0131",   "i\u0307",
                                 "k\u00ADey",  "\u212Aey",  "\u043Aey", "k\u0435y"};
    for (const char* const a : names) {
      for (const char* const b : names) {
        CHECK((ValidatedName(a).text() == ValidatedName(b).text()) == (a == b));
      }
    }
  }

  TEST_CASE("a name that breaks a rule is refused with the rule") {
    const struct {
      std::string name, message;
    } cases[] = {
        {"", "the name is empty; expected 1 to 255 characters"},
        {" a", "the name ' a' begins with white space (U+0020)"},
        {"a ", "the name 'a ' ends with white space (U+0020)"},
        {" ", "the name ' ' begins with white space (U+0020)"},
        {"\u00A0a", "the name '\u00A0a' begins with white space (U+00A0)"},
        {"a\u3000", "the name 'a\u3000' ends with white space (U+3000)"},
        {"\u1680a", "the name '\u1680a' begins with white space (U+1680)"},
        {"a\u2000", "the name 'a\u2000' ends with white space (U+2000)"},
        {"a\u200A", "the name 'a\u200A' ends with white space (U+200A)"},
        {"a\u202F", "the name 'a\u202F' ends with white space (U+202F)"},
        {"a\u205F", "the name 'a\u205F' ends with white space (U+205F)"},
        {std::string("a\0b", 3), "the name 'a\\x00b' holds the control character U+0000"},
        {"a\x7F", "the name 'a\\x7f' holds the control character U+007F"},
        {"a\u0080", "the name 'a\\xc2\\x80' holds the control character U+0080"},
        {"a\u009F", "the name 'a\\xc2\\x9f' holds the control character U+009F"},
        {"a\u2028z", "the name 'a\\xe2\\x80\\xa8z' holds the control character U+2028"},
        {"a\u2029z", "the name 'a\\xe2\\x80\\xa9z' holds the control character U+2029"},
        {"\xC0\xAF", "the name '\\xc0\\xaf' is not valid UTF-8"},
        {"\xE0\x80\xAF", "the name '\\xe0\\x80\\xaf' is not valid UTF-8"},
        {"\xF0\x80\x80\xAF", "the name '\\xf0\\x80\\x80\\xaf' is not valid UTF-8"},
        {"\xED\xA0\x80", "the name '\\xed\\xa0\\x80' is not valid UTF-8"},
        {"\xF4\x90\x80\x80", "the name '\\xf4\\x90\\x80\\x80' is not valid UTF-8"},
        {"a\xE2\x82", "the name 'a\\xe2\\x82' is not valid UTF-8"},
        {"\xFF", "the name '\\xff' is not valid UTF-8"},
        {"\x80", "the name '\\x80' is not valid UTF-8"},
        {std::string(256, 'a'),
         "the name '" + std::string(256, 'a') + "' has 256 characters; expected at most 255"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      CHECK(name_failure(c.name) == "invalid_argument: " + c.message);
    }
    CHECK(name_failure(repeated("\u00E9", 255)).empty());
    CHECK(name_failure(repeated("\u00E9", 256))
              .ends_with("has 256 characters; expected at most 255"));
  }

  TEST_CASE("AT-42: a message about a name cannot forge a line or move the cursor") {
    CHECK(name_failure("x\n{\"level\":\"info\"}\x1B[2J\r") ==
          "invalid_argument: the name 'x\\x0a{\"level\":\"info\"}\\x1b[2J\\x0d' "
          "holds the control character U+000A");
    const std::string long_name = name_failure(std::string(100'000, 'x'));
    CHECK(long_name.size() < 400);
    CHECK(key_failure(std::string("a\x1B[31m\n\0", 8)) ==
          "invalid_argument: the key 'a\\x1b[31m\\x0a\\x00' holds a NUL byte");
  }

  TEST_CASE("a key is 1 to 255 bytes of UTF-8 without NUL") {
    CHECK(key_failure("") == "invalid_argument: a key is empty; expected 1 to 255 bytes");
    CHECK(key_failure("k").empty());
    CHECK(key_failure(std::string(255, 'k')).empty());
    CHECK(key_failure(std::string(256, 'k')) == "invalid_argument: the key '" +
                                                    std::string(256, 'k') +
                                                    "' has 256 bytes; expected at most 255");
    CHECK(key_failure(" a\nb ").empty());
    CHECK(key_failure("k\xFF") == "invalid_argument: the key 'k\\xff' is not valid UTF-8");
  }

  TEST_CASE("a secret has at most as many keys and bytes as the limits say") {
    SecretPatch keys;
    for (std::size_t i = 0; i < kMaxKeys; ++i) keys.set(std::to_string(i), "");
    CHECK_NOTHROW(check_values(keys, Limits{}));
    keys.remove("not counted");
    CHECK_NOTHROW(check_values(keys, Limits{}));
    keys.set("one more", "");
    CHECK(failure_of([&] { check_values(keys, Limits{}); }) ==
          "resource_exhausted: the secret would have 1001 keys; the limit is 1000");

    SecretPatch bytes;
    bytes.set("key", std::string(64 * 1024 - 3, 'v'));
    CHECK_NOTHROW(check_values(bytes, Limits{}));
    bytes.set("key", std::string(64 * 1024 - 2, 'v'));
    CHECK_THROWS_AS(check_values(bytes, Limits{}), LimitExceeded);
    CHECK(failure_of([&] { check_values(bytes, Limits{}); }) ==
          "resource_exhausted: the secret's keys and values would take 65537 bytes; "
          "the limit is 65536");
    CHECK_NOTHROW(check_values(bytes, Limits{.max_secret_bytes = kMaxSecretBytes}));
  }

  TEST_CASE("keys that a patch removes are checked too") {
    SecretPatch patch;
    patch.remove("");
    CHECK(failure_of([&] { check_values(patch, Limits{}); }) ==
          "invalid_argument: a key is empty; expected 1 to 255 bytes");
  }

  TEST_CASE("the lower of the host's and the store's limit counts") {
    CHECK(Limits{}.lowered_to(25'600).max_secret_bytes == 25'600);
    CHECK(Limits{}.lowered_to(kMaxSecretBytes).max_secret_bytes == kDefaultSecretBytes);
    CHECK(Limits{}.lowered_to(25'600).max_keys == kMaxKeys);
  }

  TEST_CASE("sealed values count for the store's limit with what sealing adds, and not for ours") {
    const Limits limits = Limits{.max_keys = 3, .max_secret_bytes = 1000}.sealed_within(1200, 100);
    CHECK(limits.max_keys == 3);
    CHECK(limits.max_secret_bytes == 1000);
    const struct {
      std::size_t keys, bytes;
      std::string failure;
    } cases[] = {
        {0, 0, ""},
        {1, 1000, ""},
        {2, 1000, ""},
        {3, 900, ""},
        {3, 901,
         "the secret's keys and sealed values would take 1201 bytes; the limit of the store is "
         "1200"},
        {1, 1001, "the secret's keys and values would take 1001 bytes; the limit is 1000"},
        {4, 4, "the secret would have 4 keys; the limit is 3"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.bytes);
      const std::string failure = failure_of([&] { check_size(c.keys, c.bytes, limits); });
      CHECK(failure == (c.failure.empty() ? "" : "resource_exhausted: " + c.failure));
    }
    CHECK_MESSAGE(Limits{}.sealed_within(25'600, 97).max_secret_bytes == kDefaultSecretBytes,
                  "the store's limit is that of envelopes");
    SecretPatch patch;
    patch.set("k", std::string(999, 'v'));
    patch.remove("not counted");
    CHECK_NOTHROW(check_values(patch, limits));
  }
}

}  // namespace
}  // namespace kist::core
