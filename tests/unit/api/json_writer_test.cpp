// SPDX-License-Identifier: Apache-2.0
#include "api/json_writer.hpp"

#include <chrono>
#include <string>

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include "text/base64.hpp"

namespace kist::api {
namespace {

template <class Write>
std::string written(Write write) {
  detail::SecretBuffer buffer;
  JsonWriter out(buffer);
  write(out);
  return {buffer.data(), buffer.size()};
}

std::string text(std::string_view bytes) {
  return written([&](JsonWriter& out) { out.text(bytes); });
}
std::string bytes(std::string_view bytes) {
  return written([&](JsonWriter& out) { out.bytes(bytes); });
}
std::string time(Timestamp time) {
  return written([&](JsonWriter& out) { out.time(time); });
}

TEST_SUITE("host/api/json_writer") {
  TEST_CASE("commas come by themselves") {
    CHECK(written([](JsonWriter& out) {
            out.raw("{").member("a").number(1).member("b").raw("[");
            out.item().text("x").item().raw("{}").item().raw("null").raw("]");
            out.member("c").raw("{").member_named("d\"").number(2).raw("}}");
          }) == R"({"a":1,"b":["x",{},null],"c":{"d\"":2}})");
  }

  TEST_CASE("a text is escaped where JSON demands it, and reads back as it was") {
    CHECK(text("") == R"("")");
    CHECK(text("a\"b\\c/d") == R"("a\"b\\c/d")");
    CHECK(text("\b\f\n\r\t") == R"("\b\f\n\r\t")");
    CHECK(text(std::string("a\0b\x1F\x7F", 5)) == "\"a\\u0000b\\u001f\x7F\"");
    CHECK(text("\u00E9\U0001F600") == "\"\u00E9\U0001F600\"");
    std::string all;
    for (int c = 0; c < 0x80; ++c) all += static_cast<char>(c);
    CHECK(std::string(boost::json::parse(text(all)).as_string()) == all);
  }

  TEST_CASE("bytes that are no UTF-8 are base64 where they are a value, and \\xNN elsewhere") {
    CHECK(bytes("text") == R"("text")");
    CHECK(bytes("\xFF") == R"({"base64":"/w=="})");
    CHECK(bytes("\xFF\xFE") == R"({"base64":"//4="})");
    CHECK(bytes("\xFF\xFE\xFD") == R"({"base64":"//79"})");
    CHECK(text("a\xFF") == R"("a\\xff")");
    const std::string large(100'000, '\xC0');
    const std::string json = bytes(large);
    const auto back = core::read_base64(std::string_view(json).substr(11, json.size() - 13));
    REQUIRE(back);
    CHECK((std::string_view(back->data(), back->size()) == large));
  }

  TEST_CASE("numbers and ids") {
    CHECK(written([](JsonWriter& out) { out.number(0); }) == "0");
    CHECK(written([](JsonWriter& out) { out.number(UINT64_MAX); }) == "18446744073709551615");
    const auto id = Uuid::parse("3f0c2d4e-0001-4abc-8def-0123456789ab");
    CHECK(written([&](JsonWriter& out) { out.uuid(*id); }) ==
          "\"3f0c2d4e-0001-4abc-8def-0123456789ab\"");
  }

  TEST_CASE("times are RFC 3339 in UTC, with microseconds") {
    using std::chrono::microseconds;
    const Timestamp noon{std::chrono::sys_days(std::chrono::year(2026) / 3 / 1) +
                         std::chrono::hours(12) + microseconds(34'000'056)};
    CHECK(time(noon) == "\"2026-03-01T12:00:34.000056Z\"");
    CHECK(time(Timestamp{}) == "\"1970-01-01T00:00:00.000000Z\"");
    CHECK(time(Timestamp{microseconds(-1)}) == "\"1969-12-31T23:59:59.999999Z\"");
    CHECK(time(Timestamp{std::chrono::sys_days(std::chrono::year(2024) / 2 / 29)}) ==
          "\"2024-02-29T00:00:00.000000Z\"");
    CHECK(time(Timestamp::max()) == "\"9999-12-31T23:59:59.999999Z\"");
    CHECK(time(Timestamp::min()) == "\"0000-01-01T00:00:00.000000Z\"");
  }
}

}  // namespace
}  // namespace kist::api
