// SPDX-License-Identifier: Apache-2.0
#include "text/json_secrets.hpp"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "memory/secret_storage.hpp"

namespace kist::core {
namespace {

std::string written(std::string_view bytes) {
  boost::json::value place(secret_storage());
  set_bytes(place, bytes);
  const detail::SecretBuffer text = json_in_wiped_memory(place);
  return {text.data(), text.size()};
}

TEST_SUITE("core/text json_secrets") {
  TEST_CASE("bytes are a text, or base64 where they are no UTF-8") {
    CHECK(written("") == R"("")");
    CHECK(written("h\u00e9 \"\n") == "\"h\u00e9 \\\"\\n\"");
    CHECK(written("\xff\xfe\x01") == R"({"base64":"//4B"})");
    CHECK(written(std::string_view("\xff\0", 2)) == R"({"base64":"/wA="})");
  }

  TEST_CASE("a document may be longer than what is written at once") {
    const std::string bytes(100'000, 'x');
    CHECK(written(bytes) == '"' + bytes + '"');
  }
}

}  // namespace
}  // namespace kist::core
