// SPDX-License-Identifier: Apache-2.0
#include "api/content_type.hpp"

#include <string>

#include <doctest/doctest.h>

namespace kist::api {
namespace {

TEST_SUITE("host/api content_type") {
  TEST_CASE("JSON is in UTF-8, whether it is said or not") {
    for (const std::string type :
         {"application/json", "Application/JSON", "application/json;", " application/json ",
          "application/json; charset=utf-8", "application/json;charset=UTF-8",
          "application/json ; Charset=\"utf-8\"", "application/json;\tcharset=Utf-8\t",
          "application/json; version=1; charset=utf-8", "application/json; version=1",
          R"(application/json; note="a;charset=latin1")",
          R"(application/json; note="\";charset=latin1"; charset=utf-8)"}) {
      CAPTURE(type);
      CHECK(is_json_type(type));
    }
  }

  TEST_CASE("another type or charset is not taken for it") {
    for (const std::string type :
         {"", ";", "text/plain", "application/jsonx", "application/json2",
          "application/problem+json", "json", "application/json,text/plain",
          "application/json; charset=latin1", "application/json; charset=utf-16",
          "application/json; charset=utf8", "application/json; charset=\"latin1\"",
          "application/json; charset=", "application/json; charset",
          "application/json; charset=\"utf-8", "application/json; CHARSET=ISO-8859-1",
          "application/json; version=1; charset=latin1",
          "application/json; charset=utf-8; charset=latin1",
          R"(application/json; note="a"; charset=latin1)"}) {
      CAPTURE(type);
      CHECK(!is_json_type(type));
    }
  }
}

}  // namespace
}  // namespace kist::api
