// SPDX-License-Identifier: Apache-2.0
// Text of unknown origin on its way to a terminal or a log.

#include "text/printable.hpp"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

namespace kist::core {
namespace {

TEST_SUITE("core/text/printable") {
  TEST_CASE("AT-42: what a terminal or a log reader would obey is written out") {
    struct Case {
      std::string_view text;
      std::string_view shown;
    };
    const Case cases[] = {
        {"db/password", "db/password"},
        {"Grüße 🗝", "Grüße 🗝"},
        {"line\nbreak\r\t", "line\\x0abreak\\x0d\\x09"},
        {"\x1b[31mred", "\\x1b[31mred"},
        {std::string_view("nul\0", 4), "nul\\x00"},
        {"del\x7f", "del\\x7f"},
        {"c1 \xC2\x9B"
         "31m",
         "c1 \\xc2\\x9b31m"},
        {"separator \u2028", "separator \\xe2\\x80\\xa8"},
        {"moc.elpmaxe\u202E", "moc.elpmaxe\\xe2\\x80\\xae"},
        {"\u2066a\u2069 \u061C", "\\xe2\\x81\\xa6a\\xe2\\x81\\xa9 \\xd8\\x9c"},
        {"no mark \u2065\u206A\u2027\u202F", "no mark \u2065\u206A\u2027\u202F"},
        {"not utf-8 \xff\xc0\x80", "not utf-8 \\xff\\xc0\\x80"},
        {"half \xE2\x82", "half \\xe2\\x82"},
        {"surrogate \xED\xA0\x80", "surrogate \\xed\\xa0\\x80"},
    };
    for (const Case& row : cases) {
      CAPTURE(row.shown);
      CHECK(printable(row.text) == row.shown);
      CHECK(is_printable(row.text) == (row.text == row.shown));
    }
  }

  TEST_CASE("a long text is cut between characters, and says so") {
    CHECK(printable("aaaa", 4) == "aaaa");
    CHECK(printable("aaaaa", 4) == "aaaa…");
    CHECK(printable("aaaé", 4) == "aaa…");
    CHECK(printable("a\n\n", 8) == "a\\x0a…");
    CHECK(in_quotes("aaaaa", 4) == "'aaaa…'");
  }

  TEST_CASE("UTF-8 is what Unicode says it is") {
    CHECK(is_utf8(""));
    CHECK(is_utf8("\x7f\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff"));
    for (const char* bytes :
         {"\x80", "\xc1\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\xf0\x9f\x97"}) {
      CHECK_FALSE(is_utf8(bytes));
    }
  }
}

}  // namespace
}  // namespace kist::core
