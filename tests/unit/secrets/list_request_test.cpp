// SPDX-License-Identifier: Apache-2.0
#include "secrets/list_request.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "failure_of.hpp"
#include "secrets/invalid_parameter.hpp"

namespace kist::core {
namespace {

using testing::failure_of;

ListRequest parse(const std::vector<ListParameter>& parameters) {
  return parse_list_request(parameters);
}
std::string request_failure(const std::vector<ListParameter>& parameters) {
  return failure_of([&] { parse(parameters); });
}

TEST_SUITE("core/secrets/list_request") {
  TEST_CASE("without parameters a list is the first 20 secrets by creation") {
    const ListRequest request = parse({});
    CHECK(request.conditions.empty());
    CHECK_FALSE(request.match_any);
    CHECK(request.sort == Field::created);
    CHECK_FALSE(request.descending);
    CHECK(request.page == 1);
    CHECK(request.size == 20);
    CHECK(request.offset() == 0);
    CHECK_FALSE(request.cursor);
    CHECK_FALSE(request.with_total);
  }

  TEST_CASE("every parameter has its place, and unknown ones none") {
    const ListRequest request = parse({{"name", "contains:a"},
                                       {"name", "contains:b"},
                                       {"id", "startswith:3f"},
                                       {"scope", "user"},
                                       {"workspace_id", "contains:1"},
                                       {"user_id", "contains:2"},
                                       {"created", "gt:2023-01-01 00:00:00"},
                                       {"updated", "lt:2023-01-01 00:00:00"},
                                       {"logical_operator", "or"},
                                       {"sort_by", "desc:name"},
                                       {"page", "3"},
                                       {"size", "50"},
                                       {"with_total", "True"},
                                       {"hydrate", "False"},
                                       {"revision", "7"}});
    CHECK(request.conditions.size() == 8);
    CHECK(request.conditions[1].texts.front() == "b");
    CHECK(request.match_any);
    CHECK(request.sort == Field::name);
    CHECK(request.descending);
    CHECK(request.page == 3);
    CHECK(request.size == 50);
    CHECK(request.offset() == 100);
    CHECK(request.with_total);
  }

  TEST_CASE("any field but the values sorts") {
    for (const char* const field :
         {"id", "name", "scope", "workspace_id", "user_id", "created", "updated", "revision"}) {
      CAPTURE(field);
      CHECK_FALSE(parse({{"sort_by", field}}).descending);
      CHECK_FALSE(parse({{"sort_by", std::string("asc:") + field}}).descending);
      CHECK(parse({{"sort_by", std::string("desc:") + field}}).descending);
    }
    for (const std::string sort : {"values", "", "asc:", "foo:name", "desc:asc:name", "Name"}) {
      CAPTURE(sort);
      CHECK(request_failure({{"sort_by", sort}}) ==
            "invalid_argument: parameter 'sort_by': '" + sort +
                "' is no order; expected [asc:|desc:]FIELD with one of id, name, scope, "
                "workspace_id, user_id, created, updated, revision");
    }
  }

  TEST_CASE("AT-07: pages and sizes are whole numbers within their range") {
    for (const std::string text :
         {"0", "-1", "+1", "", "1e3", " 1", "1 ", "0x10", "1.0", "\xD9\xA1", "18446744073709551616",
          "9223372036854775808", "99999999999999999999999999", "1\n"}) {
      CAPTURE(text);
      CHECK(request_failure({{"size", text}}).ends_with("' is not a whole number from 1 to 10000"));
      CHECK(request_failure({{"page", text}})
                .ends_with("' is not a whole number from 1 to 922337203685477"));
    }
    CHECK(request_failure({{"size", "2147483648"}}) ==
          "invalid_argument: parameter 'size': '2147483648' is not a whole number from 1 to 10000");
    CHECK(parse({{"size", "1"}}).size == 1);
    CHECK(parse({{"size", "10000"}}).size == 10'000);
    CHECK_FALSE(request_failure({{"size", "10001"}}).empty());
    CHECK(parse({{"page", "2147483648"}}).page == 2'147'483'648);
  }

  TEST_CASE("AT-07: the offset of the last page fits signed 64 bits") {
    const ListRequest request = parse({{"page", std::to_string(kMaxPage)}, {"size", "10000"}});
    CHECK(request.offset() + request.size <= static_cast<std::uint64_t>(INT64_MAX));
    CHECK_FALSE(request_failure({{"page", std::to_string(kMaxPage + 1)}}).empty());
  }

  TEST_CASE("a request that contradicts itself is refused") {
    const struct {
      std::vector<ListParameter> parameters;
      std::string message;
    } cases[] = {
        {{{"cursor", "x"}, {"page", "1"}},
         "parameter 'page': '1' cannot be combined with 'cursor'; give one of them"},
        {{{"size", "1"}, {"size", "1"}},
         "parameter 'size': '1' is given a second time; expected one"},
        {{{"cursor", "a"}, {"cursor", "b"}},
         "parameter 'cursor': 'b' is given a second time; expected one"},
        {{{"logical_operator", "xor"}},
         "parameter 'logical_operator': 'xor' is no logical operator; allowed: and, or"},
        {{{"with_total", "maybe"}}, "parameter 'with_total': 'maybe' is neither true nor false"},
    };
    for (const auto& [parameters, message] : cases) {
      CHECK(request_failure(parameters) == "invalid_argument: " + message);
    }
  }

  TEST_CASE("a list has at most 100 filters") {
    std::vector<ListParameter> filters(kMaxConditions, {"name", "x"});
    CHECK(parse(filters).conditions.size() == kMaxConditions);
    filters.push_back({"id", "contains:x"});
    CHECK(request_failure(filters) ==
          "invalid_argument: parameter 'id': 'contains:x' is one filter too many; expected at "
          "most 100");
  }

  TEST_CASE("a refusal tells programs the parameter") {
    try {
      parse({{"logical_operator", "xor"}});
      FAIL("no refusal");
    } catch (const InvalidParameter& refusal) {
      CHECK(refusal.field == FieldError{"logical_operator", "xor", {"and", "or"}});
    }
  }
}

}  // namespace
}  // namespace kist::core
