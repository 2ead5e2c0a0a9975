// SPDX-License-Identifier: Apache-2.0
// The containers of secret bytes: they order keys, keep bytes exactly, and leave nothing behind.

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <type_traits>

#include <doctest/doctest.h>

#include <kist/models.hpp>
#include <kist/secret_value.hpp>
#include <kist/secret_values.hpp>

namespace kist {
namespace {

static_assert(!std::is_copy_constructible_v<SecretValue> &&
              std::is_nothrow_move_constructible_v<SecretValue>);
static_assert(!std::is_copy_constructible_v<SecretValues> &&
              std::is_move_assignable_v<SecretValues>);
static_assert(!std::is_copy_constructible_v<Secret> && std::is_move_constructible_v<Secret>);

TEST_SUITE("sdk/secret_values") {
  TEST_CASE("keys are in the order of their bytes, whatever the order they came in") {
    SecretValues values;
    for (const char* key : {"b", "a", "é", "B", "aa"}) values.set(key, "x");
    std::string order;
    for (const auto entry : values) order += std::string(entry.key) + " ";
    CHECK(order == "B a aa b é ");
  }

  TEST_CASE("a value is the bytes that were given, also none and also NUL") {
    SecretValues values;
    const std::string bytes("\0\xff\n", 3);
    values.set("binary", bytes);
    values.set("empty", "");
    CHECK(values.find("binary")->reveal() == bytes);
    CHECK(values.find("empty")->reveal().empty());
    CHECK_FALSE(values.find("absent").has_value());
  }

  TEST_CASE("random operations give what a map of strings gives") {
    const std::uint32_t seed = std::random_device()();
    CAPTURE(seed);
    std::mt19937 random(seed);
    SecretValues values;
    std::map<std::string, std::string> model;
    for (int step = 0; step < 5000; ++step) {
      const std::string key = "k" + std::to_string(random() % 40);
      if (random() % 3 == 0) {
        CHECK(values.erase(key) == (model.erase(key) == 1));
      } else {
        const std::string value(random() % 50, static_cast<char>('a' + random() % 26));
        values.set(key, value);
        model[key] = value;
      }
    }
    REQUIRE(values.size() == model.size());
    std::size_t index = 0;
    std::size_t bytes = 0;
    for (const auto& [key, value] : model) {
      CHECK(values[index].key == key);
      CHECK(values[index].value.reveal() == value);
      bytes += key.size() + value.size();
      ++index;
    }
    CHECK(values.byte_count() == bytes);
    CHECK(values.clone().byte_count() == bytes);
  }

  TEST_CASE("ST-10: a patch sets and removes what it names, and leaves the rest") {
    SecretValues values;
    values.set("kept", "1");
    values.set("changed", "2");
    values.set("removed", "3");
    SecretPatch patch;
    patch.set("changed", "two");
    patch.set("new", "4");
    patch.remove("removed");
    patch.remove("absent");
    patch.apply_to(values);
    REQUIRE(values.size() == 3);
    CHECK(values.find("kept")->reveal() == "1");
    CHECK(values.find("changed")->reveal() == "two");
    CHECK(values.find("new")->reveal() == "4");
  }

  TEST_CASE("in a patch the last word on a key counts") {
    SecretPatch patch;
    patch.set("a", "1");
    patch.remove("a");
    REQUIRE(patch.size() == 1);
    CHECK(patch.removes(0));
    patch.set("a", "2");
    CHECK_FALSE(patch.removes(0));
    CHECK(patch.value(0).reveal() == "2");
  }

  TEST_CASE("what a buffer held is zeros when it is cut") {
    detail::SecretBuffer buffer;
    buffer.append("hunter2hunter2");
    const char* const memory = buffer.data();
    buffer.truncate(0);
    for (int i = 0; i < 14; ++i) CHECK(memory[i] == 0);
  }

  TEST_CASE("a value that is written in place may turn out shorter than reserved") {
    SecretValues values;
    char* const memory = values.reserve_value("key", 8);
    memory[0] = 'v';
    values.shrink_last(1);
    CHECK(values.find("key")->reveal() == "v");
  }
}

}  // namespace
}  // namespace kist
