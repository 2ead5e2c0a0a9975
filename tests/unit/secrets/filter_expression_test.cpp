// SPDX-License-Identifier: Apache-2.0
#include "secrets/filter_expression.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "failure_of.hpp"
#include "secrets/invalid_parameter.hpp"

namespace kist::core {
namespace {

using namespace std::chrono_literals;
using testing::failure_of;

std::string filter_failure(Field field, std::string_view expression) {
  return failure_of([&] { parse_condition(field, expression); });
}

Timestamp at(int year, unsigned month, unsigned day, std::chrono::microseconds time_of_day = 0us) {
  return std::chrono::sys_days(std::chrono::year(year) / static_cast<int>(month) /
                               static_cast<int>(day)) +
         time_of_day;
}

TEST_SUITE("core/secrets/filter_expression") {
  TEST_CASE("text is compared as it stands, with the operator before the first colon") {
    const struct {
      const char* expression;
      Operator op;
      std::vector<std::string> texts;
    } cases[] = {
        {"db", Operator::equals, {"db"}},
        {"", Operator::equals, {""}},
        {"equals:db", Operator::equals, {"db"}},
        {"notequals:db", Operator::not_equals, {"db"}},
        {"contains:", Operator::contains, {""}},
        {"contains:a:b", Operator::contains, {"a:b"}},
        {"startswith:%_*", Operator::starts_with, {"%_*"}},
        {"endswith: x ", Operator::ends_with, {" x "}},
        {"foo:bar", Operator::equals, {"foo:bar"}},
        {"Equals:db", Operator::equals, {"Equals:db"}},
        {"equals:contains:x", Operator::equals, {"contains:x"}},
        {":x", Operator::equals, {":x"}},
        {R"(oneof:["a","b:c","\u00e9"])", Operator::one_of, {"a", "b:c", "\u00E9"}},
        {"oneof:[]", Operator::one_of, {}},
    };
    for (const auto& c : cases) {
      CAPTURE(c.expression);
      const Condition condition = parse_condition(Field::name, c.expression);
      CHECK(condition.field == Field::name);
      CHECK(condition.op == c.op);
      CHECK(condition.texts == c.texts);
    }
    CHECK(parse_condition(Field::scope, "user").texts.front() == "user");
  }

  TEST_CASE("a UUID is compared as 32 digits in lower case") {
    const std::string digits = "3f0c2d4e5a6b4c7d8e9f001122334455";
    for (const char* const expression :
         {"3F0C2D4E-5A6B-4C7D-8E9F-001122334455", "equals:3f0c2d4e5a6b4c7d8e9f001122334455",
          "notequals:3f0c2d4e-5a6b4c7d8e9f-001122334455",
          R"(oneof:["3F0C2D4E-5a6b-4c7d-8e9f-001122334455"])"}) {
      CAPTURE(expression);
      CHECK(parse_condition(Field::id, expression).texts == std::vector{digits});
    }
    CHECK(parse_condition(Field::user_id, "startswith:3F0C2D4E-5A").texts.front() == "3f0c2d4e5a");
    CHECK(parse_condition(Field::workspace_id, "contains:").texts.front().empty());
  }

  TEST_CASE("a time stands for the second or microsecond that it names") {
    const Timestamp second = at(2023, 5, 4, 12h + 34min + 56s);
    const Timestamp micro = second + 123456us;
    const Timestamp begin = Timestamp::min(), end = Timestamp::max();
    const struct {
      const char* expression;
      Operator op;
      Timestamp from, until;
    } cases[] = {
        {"2023-05-04 12:34:56", Operator::in_range, second, second + 1s},
        {"equals:2023-05-04T12:34:56Z", Operator::in_range, second, second + 1s},
        {"notequals:2023-05-04 12:34:56", Operator::not_in_range, second, second + 1s},
        {"gt:2023-05-04 12:34:56", Operator::in_range, second + 1s, end},
        {"gte:2023-05-04 12:34:56", Operator::in_range, second, end},
        {"lt:2023-05-04 12:34:56", Operator::in_range, begin, second},
        {"lte:2023-05-04 12:34:56", Operator::in_range, begin, second + 1s},
        {"in:2023-05-04 12:34:56,2023-05-04 12:34:58", Operator::in_range, second, second + 3s},
        {"in:2023-05-04 12:34:56,2023-05-04t12:34:56.123456z", Operator::in_range, second,
         micro + 1us},
        {"2023-05-04T12:34:56.123456Z", Operator::in_range, micro, micro + 1us},
        {"gt:2023-05-04 12:34:56.123456", Operator::in_range, micro + 1us, end},
        {"lte:2023-05-04T14:04:56.123456789+01:30", Operator::in_range, begin, micro + 1us},
        {"gte:2023-05-03T23:34:56-13:00", Operator::in_range, second, end},
        {"gte:2023-05-04 12:34:56.5Z", Operator::in_range, second + 500ms, end},
        {"gte:2024-02-29 00:00:00", Operator::in_range, at(2024, 2, 29), end},
        {"gte:0000-01-01 00:00:00", Operator::in_range, at(0, 1, 1), end},
        {"lt:9999-12-31 23:59:59", Operator::in_range, begin, at(9999, 12, 31, 24h - 1s)},
    };
    for (const auto& c : cases) {
      CAPTURE(c.expression);
      const Condition condition = parse_condition(Field::created, c.expression);
      CHECK(condition.field == Field::created);
      CHECK(condition.op == c.op);
      CHECK((condition.from == c.from));
      CHECK((condition.until == c.until));
      CHECK(condition.texts.empty());
    }
  }

  TEST_CASE("what is no time is refused") {
    for (const std::string text : {"yesterday",
                                   "",
                                   "2023-02-30 00:00:00",
                                   "2023-02-29 00:00:00",
                                   "2023-13-01 00:00:00",
                                   "2023-00-01 00:00:00",
                                   "2023-01-00 00:00:00",
                                   "2023-01-32 00:00:00",
                                   "2023-01-01 24:00:00",
                                   "2023-01-01 00:60:00",
                                   "2016-12-31 23:59:60",
                                   "2016-12-31T23:59:60Z",
                                   "2023-01-01",
                                   "2023-01-01T00:00:00",
                                   "2023-01-01T00:00:00.Z",
                                   "2023-01-01 00:00:00.",
                                   "2023-01-01T00:00:00.0000000001Z",
                                   "2023-01-01T00:00:00+0100",
                                   "2023-01-01T00:00:00+24:00",
                                   "2023-01-01T00:00:00+00:60",
                                   "2023-01-01T00:00:00 01:00",
                                   "2023-1-1 0:0:0",
                                   "+2023-01-01 00:00:00",
                                   " 2023-01-01 00:00:00",
                                   "20230101T000000Z",
                                   "2023-01-01 00:00:00 ",
                                   "2023-01-01T00:00:00Zx",
                                   "2023-01-01T00:00:00x01:00"}) {
      CAPTURE(text);
      CHECK(filter_failure(Field::created, text) ==
            "invalid_argument: filter 'created': '" + text +
                "' is not a time; expected 'YYYY-MM-DD HH:MM:SS' in UTC or RFC 3339");
    }
  }

  TEST_CASE("a refusal names the field, the value and what is allowed") {
    const struct {
      Field field;
      const char *expression, *message;
    } cases[] = {
        {Field::name, "gt:5",
         "filter 'name': 'gt' is no operator for text; allowed: equals, notequals, contains, "
         "startswith, endswith, oneof"},
        {Field::scope, "usr", "filter 'scope': 'usr' is no scope; expected workspace or user"},
        {Field::scope, "oneof:[\"user\",\"global\"]",
         "filter 'scope': 'global' is no scope; expected workspace or user"},
        {Field::scope, "in:a,b",
         "filter 'scope': 'in' is no operator for text; allowed: equals, notequals, contains, "
         "startswith, endswith, oneof"},
        {Field::user_id, "lte:5",
         "filter 'user_id': 'lte' is no operator for a UUID; allowed: equals, notequals, contains, "
         "startswith, endswith, oneof"},
        {Field::updated, "contains:2023",
         "filter 'updated': 'contains' is no operator for a time; allowed: equals, notequals, gt, "
         "gte, lt, lte, in"},
        {Field::updated, "oneof:[]",
         "filter 'updated': 'oneof' is no operator for a time; allowed: equals, notequals, gt, "
         "gte, lt, lte, in"},
        {Field::created, "before:2023-01-01 00:00:00",
         "filter 'created': 'before:2023-01-01 00:00:00' is not a time; expected 'YYYY-MM-DD "
         "HH:MM:SS' in UTC or RFC 3339, behind one of equals, notequals, gt, gte, lt, lte, in"},
        {Field::created, "in:2023-01-01 00:00:00",
         "filter 'created': '2023-01-01 00:00:00' is not a range; expected in:FROM,UNTIL"},
        {Field::created, "in:2023-01-01 00:00:00,now",
         "filter 'created': 'now' is not a time; expected 'YYYY-MM-DD HH:MM:SS' in UTC or RFC "
         "3339"},
        {Field::id, "3f0c",
         "filter 'id': '3f0c' is not a UUID; expected 32 hex digits, or use contains, startswith "
         "or endswith for a part"},
        {Field::workspace_id, R"(oneof:["x"])",
         "filter 'workspace_id': 'x' is not a UUID; expected 32 hex digits, or use contains, "
         "startswith or endswith for a part"},
        {Field::name, "oneof:a,b",
         R"(filter 'name': 'a,b' is not a JSON list of strings; expected oneof:["a","b"])"},
        {Field::name, "oneof:[1]",
         R"(filter 'name': '[1]' is not a JSON list of strings; expected oneof:["a","b"])"},
        {Field::name, R"(oneof:{"a":1})",
         R"(filter 'name': '{"a":1}' is not a JSON list of strings; expected oneof:["a","b"])"},
        {Field::name, R"(oneof:["a"] x)",
         R"(filter 'name': '["a"] x' is not a JSON list of strings; expected oneof:["a","b"])"},
        {Field::name, R"(oneof:["\u0000"])", R"(filter 'name': '\x00' holds a NUL byte)"},
        {Field::name, "contains:\xC3", R"(filter 'name': '\xc3' is not valid UTF-8)"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.expression);
      CHECK(filter_failure(c.field, c.expression) == std::string("invalid_argument: ") + c.message);
    }
  }

  TEST_CASE("programs get the field, the value and what is allowed apart from the sentence") {
    try {
      parse_condition(Field::created, "contains:x");
      FAIL("no refusal");
    } catch (const InvalidParameter& refusal) {
      CHECK(refusal.field == FieldError{"created",
                                        "contains",
                                        {"equals", "notequals", "gt", "gte", "lt", "lte", "in"}});
    }
  }

  TEST_CASE("AT-42: a refused filter cannot break the line that reports it") {
    CHECK(filter_failure(Field::created, "x\r\n\x1B]0;owned\a") ==
          R"(invalid_argument: filter 'created': 'x\x0d\x0a\x1b]0;owned\x07' is not a time; )"
          "expected 'YYYY-MM-DD HH:MM:SS' in UTC or RFC 3339");
  }

  TEST_CASE("an expression has at most 8 KiB, and a JSON list cannot nest without end") {
    CHECK(filter_failure(Field::name, std::string(kMaxExpressionBytes, 'x')).empty());
    CHECK(filter_failure(Field::name, std::string(kMaxExpressionBytes + 1, 'x'))
              .ends_with("…' is too long; expected at most 8192 bytes"));
    CHECK(filter_failure(Field::name, "oneof:" + std::string(8000, '['))
              .ends_with(R"(is not a JSON list of strings; expected oneof:["a","b"])"));
  }
}

}  // namespace
}  // namespace kist::core
