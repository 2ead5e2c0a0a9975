// SPDX-License-Identifier: Apache-2.0
#include "cli/server_view.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

namespace kist::cli {
namespace {

std::string shown(const char* document) { return tables_of(boost::json::parse(document)); }

TEST_SUITE("host/cli server_view") {
  TEST_CASE("an object is a row for each member, with headings that people read") {
    CHECK(shown(R"({"store_type": "sqlite", "ready": true, "max_keys": 7})") ==
          "STORE TYPE  sqlite\nREADY       true\nMAX KEYS    7\n");
    CHECK(shown(R"("just this")") == "just this\n");
  }

  TEST_CASE("a unit at the end of a key stands in brackets") {
    CHECK(shown(R"({"round_trip_us": 412, "wait_ms": 3, "status": 1})") ==
          "ROUND TRIP (µs)  412\nWAIT (ms)        3\nSTATUS           1\n");
  }

  TEST_CASE("lists and objects are on one line, and say when nothing is in them") {
    CHECK(shown(R"({"roles": {"a": "admin", "b": "reader"}, "words": ["x", "y"]})") ==
          "ROLES  a admin, b reader\nWORDS  x, y\n");
    CHECK(shown(R"({"roles": {}, "words": []})") == "ROLES  none\nWORDS  none\n");
  }

  TEST_CASE("a list of objects is a table of its own, with a column for each key of any") {
    CHECK(shown(R"({"plugins": [{"id": "a", "state": "used"}, {"id": "b", "why_not": "old"}]})") ==
          "ID  STATE  WHY NOT\na   used\nb          old\n");
    CHECK(shown(R"({"count": 1, "plugins": [{"id": "a"}]})") == "COUNT  1\n\nID\na\n");
  }
}

}  // namespace
}  // namespace kist::cli
