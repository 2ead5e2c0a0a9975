// SPDX-License-Identifier: Apache-2.0
#include "log/line.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <doctest/doctest.h>

#include "text/printable.hpp"

namespace kist::log {
namespace {

/// What a program reads of the members.
boost::json::value parsed(const std::string& members) {
  return boost::json::parse("{" + members + "}");
}

TEST_SUITE("host/log/line") {
  TEST_CASE("people read the message, and then names and values") {
    const Field fields[] = {{"address", "127.0.0.1:8420"},
                            {"tls", true},
                            {"requests", 7},
                            {"share", 0.5},
                            {"bytes", std::uint64_t{1} << 63}};
    CHECK(text_of("listening", {}) == "listening");
    CHECK(text_of("listening", fields) ==
          "listening  address=127.0.0.1:8420 tls=true requests=7 share=0.5 "
          "bytes=9223372036854775808");
  }

  TEST_CASE("a text is quoted where one could not see its end") {
    struct Case {
      const char *text, *expected;
    };
    const Case cases[] = {
        {"plain", "plain"},
        {"", "\"\""},
        {"two words", "\"two words\""},
        {"a=b", "\"a=b\""},
        {"say \"so\"", R"("say \"so\"")"},
        {"C:\\x", R"("C:\\x")"},
        {"line\nend", R"("line\\x0aend")"},
        {"\u00e9", "\u00e9"},
    };
    for (const Case& c : cases) {
      const Field fields[] = {{"x", c.text}};
      CHECK(text_of("m", fields) == std::string("m  x=") + c.expected);
    }
  }

  TEST_CASE("programs read an object, numbers and booleans as such") {
    const Field fields[] = {{"address", "a \"b\" \\ c"},
                            {"tls", false},
                            {"least", std::numeric_limits<std::int64_t>::min()},
                            {"most", std::numeric_limits<std::uint64_t>::max()},
                            {"share", 0.25},
                            {"none", std::numeric_limits<double>::quiet_NaN()},
                            {"endless", std::numeric_limits<double>::infinity()}};
    CHECK(json_of("listening", fields) ==
          R"("message":"listening","address":"a \"b\" \\ c","tls":false,)"
          R"("least":-9223372036854775808,"most":18446744073709551615,"share":0.25,)"
          R"("none":null,"endless":null)");
    const auto value = parsed(json_of("listening", fields));
    CHECK(value.at("address").as_string() == "a \"b\" \\ c");
    CHECK(value.at("most").as_uint64() == std::numeric_limits<std::uint64_t>::max());
  }

  TEST_CASE("each kind of text is taken, and a pointer is no boolean") {
    const std::string text = "text";
    const std::filesystem::path path = "/etc/kist.json";
    const char* const pointer = "pointer";
    const Field fields[] = {
        {"a", text}, {"b", path}, {"c", pointer}, {"d", std::string_view("view")}};
    CHECK(text_of("m", fields) == "m  a=text b=/etc/kist.json c=pointer d=view");
  }

  TEST_CASE("text from outside breaks neither a line, a terminal nor JSON (AT-42)") {
    const std::vector<std::string> attacks = {"a\nb",
                                              "a\r\nb",
                                              std::string("a\0b", 3),
                                              "\x1b[2J\x1b]0;title\x07",
                                              "\x7f\b\b\b",
                                              "\u0085\u2028\u2029\u009b2J",
                                              "\",\"level\":\"error",
                                              "\\\",\"x\":\"",
                                              "\xFF\xFE\xC0\x80",
                                              "\xED\xA0\x80",
                                              "a level=error",
                                              "\"}\n{\"time\":\"",
                                              std::string(1 << 20, '\n')};
    for (const std::string& attack : attacks) {
      CAPTURE(attack.substr(0, 40));
      const Field fields[] = {{"path", attack}, {attack, 7}, {"after", "end"}};
      for (const std::string& line : {text_of(attack, fields), json_of(attack, fields)}) {
        CHECK(core::is_printable(line));
        CHECK(line.size() < kLineBytesMax);
      }
      const auto value = parsed(json_of("m", fields));
      CHECK(value.as_object().size() == 4);
      CHECK(value.at("after") == "end");
      CHECK_FALSE(value.as_object().contains("level"));
    }
  }

  TEST_CASE("a line has room for what is ordinary, and says when something was left out") {
    const std::string text(600, 'x');
    std::vector<Field> fields;
    for (int i = 0; i < 40; ++i) fields.push_back({"field", text});
    const std::string people = text_of("m", fields), programs = json_of("m", fields);
    for (const std::string& line : {people, programs}) {
      CHECK(line.size() < kLineBytesMax - 100);
      CHECK(line.size() > kLineBytesMax / 2);
    }
    CHECK(people.ends_with(" cut=true"));
    CHECK(programs.ends_with(",\"cut\":true"));
    fields.erase(fields.begin() + 4, fields.end());
    CHECK(text_of("m", fields).find("cut=true") == std::string::npos);
    CHECK(text_of("m", fields).find(std::string(512, 'x') + "\u2026") != std::string::npos);
  }
}

}  // namespace
}  // namespace kist::log
