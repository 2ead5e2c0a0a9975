// SPDX-License-Identifier: Apache-2.0
#include "sealing/keyring_text.hpp"

#include <string>

#include <doctest/doctest.h>

#include "../config/message_of.hpp"
#include "sealing/keyring.hpp"

using namespace kist;
using namespace kist::core;
using kist::core::testing::message_of;

namespace {

/// 64 digits, of which all but the last three are the same.
std::string digits(unsigned number = 0) {
  const std::string tail = std::to_string(number + 1000).substr(1);
  return std::string(61, 'a') + tail;
}

std::vector<KeyLine> parse(const std::string& text) {
  return parse_keyring(SecretView(text), "keyring");
}

std::string refusal(const std::string& text) {
  return message_of([&] { parse(text); });
}

std::string line(const std::string& id, unsigned number) {
  return id + " " + digits(number) + "\n";
}

}  // namespace

TEST_SUITE("core/sealing/keyring_text") {
  TEST_CASE("a line has an id, a key and perhaps a time") {
    const auto keys =
        parse("# head\n\nk1 " + digits(1) + " 2026-01-31T12:00:00Z\n  \t\nhsm.A_b-2\t" + digits(2) +
              "  \n  # foot\n");
    REQUIRE(keys.size() == 2);
    CHECK(keys[0].id == "k1");
    CHECK(keys[0].key.reveal() == std::string(30, '\xAA') + "\xA0\x01");
    REQUIRE(keys[0].creation);
    CHECK(keys[0].creation->time_since_epoch() == std::chrono::seconds(1769860800));
    CHECK(keys[1].id == "hsm.A_b-2");
    CHECK(keys[1].key.reveal() == std::string(30, '\xAA') + "\xA0\x02");
    CHECK(!keys[1].creation);
  }

  TEST_CASE("digits are of either case, lines end in either way, and the last need not end") {
    const std::string upper = std::string(64, 'C');
    for (const std::string& text : {"k1 " + upper, "k1 " + upper + "\n", "k1 " + upper + "\r\n",
                                    "\r\nk1 " + upper + "\r\n# end\r\n"}) {
      const auto keys = parse(text);
      REQUIRE(keys.size() == 1);
      CHECK(keys[0].key.reveal() == std::string(32, '\xCC'));
    }
  }

  TEST_CASE("a key alone needs no id") {
    const auto keys = parse("# the only one\n" + digits() + "\n");
    REQUIRE(keys.size() == 1);
    CHECK(!keys[0].id);
    CHECK(keys[0].key.size() == kKeyBytes);
  }

  TEST_CASE("a text without a key has none") {
    CHECK(parse("").empty());
    CHECK(parse("# nothing\n").empty());
  }

  TEST_CASE("a wrong line is named by its number, and not quoted") {
    struct Case {
      std::string text, refusal;
    };
    const std::string no_key =
        "expected a key id, a key of 64 hexadecimal digits, and perhaps a time";
    const std::string no_id =
        "expected a key id of 1 to 64 of the characters a-z A-Z 0-9 . _ - before the key";
    const std::string no_text = "expected UTF-8 without control characters";
    const Case cases[] = {
        {"canary", "keyring, line 1: " + no_key},
        {"#\n\nk1 canary", "keyring, line 3: " + no_key},
        {"k1 " + digits().substr(1), "keyring, line 1: " + no_key},
        {"k1 " + digits() + "a", "keyring, line 1: " + no_key},
        {"k1 0x" + digits().substr(2), "keyring, line 1: " + no_key},
        {"k1: " + digits(), "keyring, line 1: " + no_id},
        {"k\xC3\xA4 " + digits(), "keyring, line 1: " + no_id},
        {std::string(65, 'k') + " " + digits(), "keyring, line 1: " + no_id},
        // A key and a time, without an id.
        {digits() + " 2026-01-31T12:00:00Z", "keyring, line 1: " + no_id},
        {digits(1) + " " + digits(2), "keyring, line 1: " + no_id},
        {"k1 " + digits() + " canary",
         "keyring, line 1: expected a time such as 2026-01-31T12:00:00Z behind the key"},
        {"k1 " + digits() + " 2026-01-31T12:00:00Z canary",
         "keyring, line 1: expected nothing behind the time"},
        {"k1 " + digits() + " 2026-01-31 12:00:00",
         "keyring, line 1: expected a time such as 2026-01-31T12:00:00Z behind the key"},
        {line("k1", 1) + line("k1", 2), "keyring, line 2: the key id is there twice"},
        {line("k1", 1) + line("k2", 1), "keyring, line 2: the key is there twice"},
        {line("k1", 1) + digits(2), "keyring, line 2: a key without an id must be the only one"},
        {digits(2) + "\n" + line("k1", 1),
         "keyring, line 2: a key without an id must be the only one"},
        {"# \x1B[2J\n", "keyring, line 1: " + no_text},
        {"# \xFF\n", "keyring, line 1: " + no_text},
        {"k1 " + digits() + std::string(1, '\0'), "keyring, line 1: " + no_text},
        {"\xEF\xBB\xBFk1 " + digits(), "keyring, line 1: " + no_id},
        {"k1 " + digits() + "\r\r\n", "keyring, line 1: " + no_text},
    };
    for (const Case& item : cases) {
      CAPTURE(item.text);
      const std::string refused = refusal(item.text);
      CHECK(refused == item.refusal);
      CHECK(refused.find("canary") == std::string::npos);
    }
  }

  TEST_CASE("a text has up to 64 KiB") {
    const std::string key = line("k1", 1);
    const std::string most = key + "#" + std::string(kMaxKeyringBytes - key.size() - 1, ' ');
    CHECK(parse(most).size() == 1);
    CHECK(refusal(most + " ") == "keyring is larger than 65536 bytes");
  }

  TEST_CASE("all that fits in 64 KiB is read: that is fewer than 1000 keys") {
    std::string text;
    std::size_t count = 0;
    while (text.size() + 70 < kMaxKeyringBytes) {
      ++count;
      text += line("k" + std::to_string(count), static_cast<unsigned>(count));
    }
    CHECK(parse(text).size() == count);
    CHECK(count < kMaxKeyringKeys);
  }
}
