// SPDX-License-Identifier: Apache-2.0
#include "config/json_document.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "message_of.hpp"

using namespace kist::core;
using kist::core::testing::message_of;

TEST_SUITE("core/config/json_document") {
  TEST_CASE("every key and value knows its line and column") {
    const auto document = parse_json_document(
        "// a comment, \"with\": {tokens}\n"
        "{\n"
        "  \"one\": 1, /* {\n"
        "  */ \"zwölf\" : [ true, \"ü\\\"\", {\"x\":null} ]\n"
        "}\n",
        "kist.json");
    struct Place {
      std::string_view what;
      SourcePosition position;
      std::string_view expected;
    };
    const JsonNode& root = document.root;
    const JsonMember& list = root.members.at(1);
    const Place places[] = {
        {"object", root.position, "kist.json:2:1"},
        {"key", root.members.at(0).position, "kist.json:3:3"},
        {"number", root.members.at(0).value.position, "kist.json:3:10"},
        {"key behind a comment", list.position, "kist.json:4:6"},
        {"array; columns are code points", list.value.position, "kist.json:4:16"},
        {"boolean", list.value.elements.at(0).position, "kist.json:4:18"},
        {"string", list.value.elements.at(1).position, "kist.json:4:24"},
        {"value behind an escaped quote", list.value.elements.at(2).position, "kist.json:4:31"},
        {"null", list.value.elements.at(2).members.at(0).value.position, "kist.json:4:36"},
    };
    for (const Place& place : places) {
      CAPTURE(place.what);
      CHECK(document.at(place.position) == place.expected);
    }
    CHECK(list.value.elements.at(1).text.reveal() == "ü\"");
  }

  TEST_CASE("a text that is not JSON is refused with its place and what was expected there") {
    struct Case {
      std::string_view text, expected;
    };
    const Case cases[] = {
        {"", "k:1:1: expected a value, found the end of the file"},
        {" \n // only a comment", "k:2:19: expected a value, found the end of the file"},
        {"//a", "k:1:4: expected a value, found the end of the file"},
        {"{} /* open", "k:1:4: a comment is not closed"},
        {"/*/", "k:1:1: a comment is not closed"},
        {"/***///*/ /x", "k:1:13: expected a value, found the end of the file"},
        {"/**/ /x", "k:1:6: expected a value, found '/'"},
        {"{", "k:1:2: expected a key in double quotes or '}', found the end of the file"},
        {"{\"a\"", "k:1:5: expected ':', found the end of the file"},
        {"{\"a\" 1}", "k:1:6: expected ':', found '1'"},
        {"{\"a\":", "k:1:6: expected a value, found the end of the file"},
        {"{\"a\":1", "k:1:7: expected ',' or '}', found the end of the file"},
        {"{\"a\":1 \"b\":2}", "k:1:8: expected ',' or '}', found '\"'"},
        {"{\"a\":1,\n}", "k:2:1: expected a key in double quotes, found '}'"},
        {"{,}", "k:1:2: expected a key in double quotes or '}', found ','"},
        {"{'a':1}", "k:1:2: expected a key in double quotes or '}', found '''"},
        {"{a:1}", "k:1:2: expected a key in double quotes or '}', found 'a'"},
        {"[1,]", "k:1:4: expected a value, found ']'"},
        {"[1 2]", "k:1:4: expected ',' or ']', found '2'"},
        {"[,1]", "k:1:2: expected a value or ']', found ','"},
        {"[01]", "k:1:3: expected ',' or ']', found '1'"},
        {"[ü]", "k:1:2: expected a value or ']', found 'ü'"},
        {"[tru]", "k:1:2: expected a value or ']', found 't'"},
        {"[]]", "k:1:3: expected the end of the file, found ']'"},
        {"{} {}", "k:1:4: expected the end of the file, found '{'"},
        {"[\"abc", "k:1:2: the file ends within a string"},
        {"[\"ab\nc\"]", "k:1:5: a string is not closed before the end of its line"},
        {"[\"\x01\"]", "k:1:3: a control character in a string must be written as an escape"},
        {"[\"\\q\"]", "k:1:4: unknown or incomplete escape in a string"},
        {"[\"\\uD800\\u0041\"]", "k:1:11: illegal trailing surrogate in a string"},
        {"[\"\\uD800 \"]", "k:1:9: unknown or incomplete escape in a string"},
        {"[\"\\uDC00\"]", "k:1:9: illegal trailing surrogate in a string"},
        {"[\"\xFF\"]", "k:1:3: a string is not UTF-8"},
        {"[\"\xC3(\"]", "k:1:3: a string is not UTF-8"},
        {"{} // \xFC", "k:1:7: a comment is not UTF-8"},
        {"\xEF\xBB\xBF{}", "k:1:1: the file begins with a byte order mark; save it without"},
    };
    for (const Case& c : cases) {
      CAPTURE(c.text);
      CHECK(message_of([&] { parse_json_document(c.text, "k"); }) == c.expected);
    }
  }

  TEST_CASE("a comment ends where it is closed, with however many stars") {
    for (const std::string_view comment :
         {"/**/", "/***/", "/****/", "/* a **/", "/*** a ***/", "//", "// */ /*", "/*\"*/"}) {
      CAPTURE(comment);
      const std::string text = std::string(comment) + "\n[\"//\", " + std::string(comment) + "\n1]";
      CHECK(parse_json_document(text, "k").root.elements.size() == 2);
    }
  }

  TEST_CASE("a key that is given twice in one object is refused with both lines") {
    CHECK(message_of([] { parse_json_document("{\"a\":1,\n \"b\":2,\n \"a\":3}", "k"); }) ==
          "k:3:2: the key 'a' is already given at line 1");
    CHECK(message_of([] { parse_json_document("{\"a\":1,\n \"\\u0061\":3}", "k"); }) ==
          "k:2:2: the key 'a' is already given at line 1");
    CHECK(message_of([] { parse_json_document("[{\"a\":1},{\"a\":{\"a\":2}}]", "k"); }) == "");
  }

  TEST_CASE("brackets may be nested 32 deep and no deeper") {
    const std::string open(32, '['), close(32, ']');
    CHECK(message_of([&] { parse_json_document(open + close, "k"); }) == "");
    CHECK(message_of([&] { parse_json_document("[" + open + close + "]", "k"); }) ==
          "k:1:33: brackets are nested deeper than 32 levels");
  }

  TEST_CASE("a file may have 1 MiB and no more") {
    const std::string text = "{}" + std::string(kJsonBytesMax - 2, ' ');
    CHECK(message_of([&] { parse_json_document(text, "k"); }) == "");
    CHECK(message_of([&] { parse_json_document(text + " ", "k"); }) ==
          "k: the file has 1048577 bytes, and may have 1048576");
  }

  TEST_CASE("a number is whole only if it is an integer of 64 bits") {
    struct Case {
      std::string_view text;
      JsonKind expected;
    };
    const Case cases[] = {{"9223372036854775807", JsonKind::integer},
                          {"9223372036854775808", JsonKind::number},
                          {"-9223372036854775808", JsonKind::integer},
                          {"99999999999999999999", JsonKind::number},
                          {"1.0", JsonKind::number},
                          {"1e3", JsonKind::number}};
    for (const Case& c : cases) {
      CAPTURE(c.text);
      CHECK(parse_json_document(c.text, "k").root.kind == c.expected);
    }
  }

  TEST_CASE("no message about a broken file shows more than one character of it") {
    const std::string text = R"({"password": "hunter2-canary)";
    for (std::size_t size = 0; size <= text.size(); ++size) {
      const std::string message =
          message_of([&] { parse_json_document(std::string_view(text).substr(0, size), "k"); });
      CHECK(!message.empty());
      CHECK(message.find("hunter") == std::string::npos);
    }
  }
}
