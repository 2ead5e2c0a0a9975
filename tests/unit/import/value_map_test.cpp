// SPDX-License-Identifier: Apache-2.0
#include "import/value_map.hpp"

#include <string>

#include <doctest/doctest.h>

#include "../secrets/failure_of.hpp"
#include "../secrets/service_fixture.hpp"

using namespace kist;
using namespace kist::core;
using namespace kist::core::testing;

namespace {

std::string parsed(std::string_view json, const Limits& limits = {}) {
  std::string text;
  const std::string failure =
      failure_of([&] { text = ServiceFixture::shown(parse_value_map(json, limits)); });
  return failure.empty() ? text : failure;
}

std::string map_of(std::size_t keys, std::size_t value_size) {
  std::string json = "{";
  for (std::size_t i = 0; i < keys; ++i)
    json += (i == 0 ? "\"k" : ", \"k") + std::to_string(1000 + i) + "\": \"" +
            std::string(value_size, 'v') + "\"";
  return json + "}";
}

}  // namespace

TEST_SUITE("core/import/value_map") {
  TEST_CASE("an object of strings is a map, in the order of its keys") {
    CHECK(parsed("{}") == "");
    CHECK(parsed(R"( { "b" : "2", "a" : "" } )") == "a= b=2");
    CHECK(parsed(R"({"k": "\u00e9\n\"\/\ud83d\ude00"})") == "k=\xC3\xA9\n\"/\xF0\x9F\x98\x80");
    CHECK(parse_value_map(R"({"k": "a\u0000b"})", {})[0].value.size() == 3);
  }

  TEST_CASE("all else is refused without a word of it") {
    const std::string no_object = "corrupt: its values are no JSON object";
    const std::string no_string = "invalid_argument: one of its values is no string";
    struct Case {
      const char* json;
      std::string failure;
    };
    const Case cases[] = {
        {"", no_object},
        {"null", no_object},
        {"[]", no_object},
        {"7", no_object},
        {"true", no_object},
        {R"("canary")", no_object},
        {R"({"k": "canary")", no_object},
        {R"({"k": "canary"} x)", no_object},
        {R"({"k": "canary",})", no_object},
        {R"({"k": "canary"}{})", no_object},
        {R"({"k": "canary" /* comment */})", no_object},
        {"{\"k\": \"canary\"} // comment\n", no_object},
        {"\xEF\xBB\xBF{}", no_object},
        {"{\"k\": \"\xFF\"}", no_object},
        {R"({"k": "\ud800"})", no_object},
        {"{\"k\": \"a\nb\"}", no_object},
        {R"({"k": NaN})", no_object},
        {R"({"k": null})", no_string},
        {R"({"k": 1})", no_string},
        {R"({"k": -1.5e300})", no_string},
        {R"({"k": 18446744073709551615})", no_string},
        {R"({"k": false})", no_string},
        {R"({"k": ["canary"]})", no_string},
        {R"({"k": {"k": "canary"}})", no_string},
        {R"({"k": "canary", "k": "canary"})",
         "invalid_argument: one of its keys stands there twice"},
        {R"({"": "canary"})", "invalid_argument: a key is empty; expected 1 to 255 bytes"},
        {R"({"a\u0000b": "canary"})", "invalid_argument: the key 'a\\x00b' holds a NUL byte"},
    };
    for (const Case& c : cases) {
      CAPTURE(c.json);
      CHECK(parsed(c.json) == c.failure);
    }
  }

  TEST_CASE("a map may be as large as a secret, and is measured as a whole") {
    const Limits limits{.max_keys = 3, .max_secret_bytes = 100};
    CHECK(parse_value_map(map_of(3, 10), limits).size() == 3);
    CHECK(parsed(map_of(4, 1), limits) ==
          "resource_exhausted: the secret would have 4 keys; the limit is 3");
    CHECK(parse_value_map(map_of(2, 45), limits).byte_count() == 100);
    CHECK(
        parsed(map_of(1, 96), limits) ==
        "resource_exhausted: the secret's keys and values would take 101 bytes; the limit is 100");
    CHECK(parsed(map_of(8000, 1)) ==
          "resource_exhausted: the secret would have 8000 keys; the limit is 1000");
  }
}
