// SPDX-License-Identifier: Apache-2.0
#include "text/hex.hpp"

#include <doctest/doctest.h>

using namespace kist::core;

TEST_SUITE("core/text/hex") {
  TEST_CASE("bytes are written as digits in lower case, and read back") {
    std::string bytes;
    for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
    const std::string digits = to_hex(bytes);
    CHECK(digits.substr(0, 6) == "000102");
    CHECK(digits.substr(506) == "fdfeff");
    std::string read(256, 'x');
    CHECK(read_hex(digits, read.data(), read.size()));
    CHECK(read == bytes);
  }

  TEST_CASE("digits are of either case, and as many as asked for") {
    std::string read(2, 'x');
    CHECK(read_hex("AbcD", read.data(), 2));
    CHECK(read == "\xAB\xCD");
    for (const char* wrong :
         {"", "abc", "abcde", "abc d", "0xab", "abcg", "abc/", "abc:", "abc@"}) {
      CAPTURE(wrong);
      CHECK(!read_hex(wrong, read.data(), 2));
    }
  }
}
