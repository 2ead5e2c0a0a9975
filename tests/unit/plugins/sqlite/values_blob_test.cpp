// SPDX-License-Identifier: Apache-2.0
#include "values_blob.hpp"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

using namespace std::string_literals;

namespace kist::sqlite {

TEST_SUITE("plugins/sqlite/values_blob") {
  TEST_CASE("values come back byte by byte") {
    SecretValues values;
    values.set("a", "");
    values.set("b", "\0\xff\n'\"%_\\"s);
    values.set("é", std::string(70'000, 'x'));
    const auto read = read_values_blob(ValuesBlob(values).reveal());
    REQUIRE(read);
    REQUIRE(read->size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK((*read)[i].key == values[i].key);
      CHECK((*read)[i].value.reveal() == values[i].value.reveal());
    }
  }

  TEST_CASE("an empty map is a map") {
    const auto read = read_values_blob(ValuesBlob(SecretValues()).reveal());
    REQUIRE(read);
    CHECK(read->empty());
  }

  TEST_CASE("a blob that lost or gained a byte is not read") {
    SecretValues values;
    values.set("one", "1");
    values.set("two", "22");
    const ValuesBlob blob(values);
    const std::string whole(blob.reveal());
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(size);
      CHECK_FALSE(read_values_blob(std::string_view(whole).substr(0, size)));
    }
    CHECK_FALSE(read_values_blob(whole + "x"));
  }

  TEST_CASE("a blob of another form is not read") {
    const std::string entry_b = "\1\0\0\0\0\0\0\0b"s, entry_a = "\1\0\0\0\0\0\0\0a"s;
    const std::pair<std::string_view, std::string> cases[] = {
        {"another version", "\2\0\0\0\0"s},
        {"a count beyond the blob", "\1\xff\xff\xff\xff"s},
        {"a size beyond the blob", "\1\1\0\0\0\xff\xff\xff\xff\0\0\0\0"s},
        {"keys out of order", "\1\2\0\0\0"s + entry_b + entry_a},
        {"a key twice", "\1\2\0\0\0"s + entry_a + entry_a},
    };
    for (const auto& row : cases) {
      CAPTURE(row.first);
      CHECK_FALSE(read_values_blob(row.second));
    }
    CHECK(read_values_blob("\1\2\0\0\0"s + entry_a + entry_b));
  }
}

}  // namespace kist::sqlite
