// SPDX-License-Identifier: Apache-2.0
#include "api/query.hpp"

#include <string>

#include <doctest/doctest.h>

#include "../secrets/failure_of.hpp"

namespace kist::api {
namespace {

std::string shown(std::string_view query) {
  std::string text;
  const std::string failure = core::testing::failure_of([&] {
    for (const core::ListParameter& parameter : parse_query(query))
      text += "[" + parameter.name + "|" + parameter.value + "]";
  });
  return failure.empty() ? text : failure;
}

std::string many(std::size_t count) {
  std::string query;
  for (std::size_t i = 0; i < count; ++i) query += "&a=b";
  return query;
}

TEST_SUITE("host/api/query") {
  TEST_CASE("a query is its parameters, decoded once, in their order") {
    CHECK(shown("") == "");
    CHECK(shown("a=1&b=2&a=3") == "[a|1][b|2][a|3]");
    CHECK(shown("a=b=c&d=&e&=f") == "[a|b=c][d|][e|][|f]");
    CHECK(shown("&&a=1&") == "[a|1]");
    CHECK(shown("n%61me=a+b%2Bc%26d%3De") == "[name|a b+c&d=e]");
    CHECK(shown("a=%2541") == "[a|%41]");
    CHECK(shown("a=%C3%A9") == "[a|\u00E9]");
    CHECK(shown("name=contains:x/../y;z") == "[name|contains:x/../y;z]");
  }

  TEST_CASE("what is no text is refused") {
    const std::string digits =
        "invalid_argument: the query holds a '%' without two hexadecimal digits behind it: ";
    const std::string text =
        "invalid_argument: the query holds what is no text in UTF-8 without NUL: ";
    CHECK(shown("a=%") == digits + "'%'");
    CHECK(shown("a=1%2&b=3") == digits + "'1%2'");
    CHECK(shown("%zz=1") == digits + "'%zz'");
    CHECK(shown("a=%ff") == text + "'\\xff'");
    CHECK(shown("a=%C0%80") == text + "'\\xc0\\x80'");
    CHECK(shown("a=%ED%A0%80") == text + "'\\xed\\xa0\\x80'");
    CHECK(shown("a=x%00y") == text + "'x\\x00y'");
    CHECK(shown("\xFF=1") == text + "'\\xff'");
  }

  TEST_CASE("there may be 200 parameters, and not one more") {
    CHECK(parse_query(many(kMaxParameters)).size() == 200);
    CHECK(shown(many(kMaxParameters + 1)) ==
          "invalid_argument: the query has more than 200 parameters");
  }

  TEST_CASE("a boolean is given once, in any word that Python clients send") {
    const auto read = [](std::string_view query) {
      std::string text;
      const std::string failure = core::testing::failure_of([&] {
        const auto value = boolean_parameter(parse_query(query), "x");
        text = !value ? "nothing" : *value ? "true" : "false";
      });
      return failure.empty() ? text : failure;
    };
    CHECK(read("y=true") == "nothing");
    for (const char* const word : {"true", "True", "1", "yes", "on"})
      CHECK(read("x=" + std::string(word)) == "true");
    for (const char* const word : {"false", "False", "0", "no", "off"})
      CHECK(read("x=" + std::string(word)) == "false");
    CHECK(read("x=2") == "invalid_argument: parameter 'x': '2' is neither true nor false");
    CHECK(read("x=") == "invalid_argument: parameter 'x': '' is neither true nor false");
    CHECK(read("x=true&x=true") == "invalid_argument: parameter 'x' is given a second time");
  }
}

}  // namespace
}  // namespace kist::api
