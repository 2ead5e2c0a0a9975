// SPDX-License-Identifier: Apache-2.0
#include "loader/strict_json.hpp"

#include <string>

#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include <kist/error.hpp>

namespace {

using kist::core::parse_strict_json;

std::string complaint(std::string_view text, std::size_t depth = 8) {
  try {
    parse_strict_json(text, depth);
    return "";
  } catch (const kist::Error& error) {
    CHECK(error.code == kist::ErrorCode::invalid_argument);
    return error.what();
  }
}

}  // namespace

TEST_SUITE("core/loader/strict_json") {
  TEST_CASE("a document is read as Boost.JSON reads it") {
    const auto value =
        parse_strict_json(R"( {"a":[1,-2,1.5,true,null,"é\u00e9"],"b":{"a":"x"}} )", 8);
    CHECK(boost::json::serialize(value) == R"({"a":[1,-2,1.5E0,true,null,"éé"],"b":{"a":"x"}})");
  }

  TEST_CASE("a key may stand in two objects, but not twice in one") {
    CHECK(complaint(R"([{"a":1},{"a":1},{"b":{"a":1}}])") == "");
    CHECK(complaint(R"({"a":1,"b":2,"a":3})") == "byte 15: the key 'a' stands twice");
    CHECK(complaint(R"({"b":{"a":1,"\u0061":3}})") == "byte 19: the key 'a' stands twice");
  }

  TEST_CASE("a control character is refused, raw or escaped, in a key or in a text") {
    const std::string message = "a string holds a control character";
    // A mark of writing direction shows a text as another.
    CHECK(complaint("[\"\u202E\"]").ends_with(message));
    for (const std::string text : {R"(["\u0000"])", R"(["a\nb"])", R"({"\u001b":1})", "[\"\x7f\"]",
                                   "[\"\xc2\x85\"]", R"(["\u009f"])"}) {
      CAPTURE(text);
      CHECK(complaint(text).find(message) != std::string::npos);
    }
    CHECK(complaint("[\"a\nb\"]") == "byte 3: syntax error");
    CHECK(complaint("[\"\xc2\xa0\"]") == "");
  }

  TEST_CASE("what is no JSON is refused with its place") {
    struct Case {
      std::string text, message;
    };
    const Case cases[] = {
        {"", "byte 0: incomplete JSON"},
        {"{", "byte 1: incomplete JSON"},
        {"[1] x", "byte 4: extra data"},
        {"[1,]", "byte 3: syntax error"},
        {"[01]", "byte 2: syntax error"},
        {"\xef\xbb\xbf[]", "byte 0: syntax error"},
        {"// no\n[]", "byte 0: syntax error"},
        {"[\"\xff\"]", "byte 2: syntax error"},
        {"[\"\xed\xa0\x80\"]", "byte 2: syntax error"},
        {R"(["\ud800"])", "byte 8: syntax error"},
    };
    for (const Case& c : cases) {
      CAPTURE(c.text);
      CHECK(complaint(c.text) == c.message);
    }
  }

  TEST_CASE("nesting ends at the given depth") {
    CHECK(complaint("[[[]]]", 3) == "");
    CHECK(complaint("[[[[]]]]", 3) == "byte 3: too deep");
    CHECK(complaint(std::string(65536, '['), 8) == "byte 8: too deep");
  }
}
