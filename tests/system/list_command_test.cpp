// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <doctest/doctest.h>

#include "kist_process.hpp"

using namespace kist::testing;

namespace {

/// Secrets of these names, in a store of its own.
struct Filled : Workplace {
  explicit Filled(const Words& names) {
    for (const std::string& name : names) done({"secret", "create", name, "k=-"}, "the value");
  }

  std::string names(Words words) const {
    words.insert(words.begin(), {"secret", "list"});
    std::string text;
    const auto page = done_json(words);
    for (const auto& item : page.at("items").as_array()) {
      text += text.empty() ? "" : " ";
      text += text_of(item.at("name"));
    }
    return text;
  }
};

}  // namespace

TEST_SUITE("system/list_command") {
  TEST_CASE("filters, order and pages are those of the contract") {
    const Filled filled({"b", "a", "c"});
    CHECK(filled.names({}) == "b a c");
    CHECK(filled.names({"--sort", "name"}) == "a b c");
    CHECK(filled.names({"--sort", "desc:name"}) == "c b a");
    CHECK(filled.names({"--name", "a"}) == "a");
    CHECK(filled.names({"--name", "notequals:a", "--name", "notequals:b"}) == "c");
    CHECK(filled.names({"--name", "a", "--name", "b", "--or", "--sort", "name"}) == "a b");
    CHECK(filled.names({"--created", "lt:2020-01-01 00:00:00"}) == "");
    CHECK(filled.names({"--workspace", "default", "--scope", "workspace"}) == "b a c");
    CHECK(filled.names({"--size", "2", "--page", "2"}) == "c");
    CHECK(filled.kist({"secret", "list", "--page", "9"}).exit_code == 2);
    CHECK(filled.kist({"secret", "list", "--workspace", "none"}).exit_code == 4);
  }

  TEST_CASE("a page says how to get the next one, by page or by cursor") {
    const Filled filled({"b", "a", "c"});
    const auto page = filled.done_json({"secret", "list", "--size", "2"});
    CHECK(page.at("index") == 1);
    CHECK(page.at("max_size") == 2);
    CHECK(page.at("total_pages") == 2);
    CHECK(page.at("total") == 3);
    const std::string cursor = text_of(page.at("next_cursor"));
    const auto next = filled.done_json({"secret", "list", "--size", "2", "--cursor", cursor});
    CHECK(next.at("items").as_array().size() == 1);
    CHECK(next.at("total").is_null());
    CHECK(next.at("next_cursor").is_null());
    const std::string table = filled.done({"secret", "list", "--size", "2"});
    CHECK(table.find("page 1 of 2, 3 secrets; next: --cursor ") != std::string::npos);
    CHECK(filled.kist({"secret", "list", "--cursor", cursor + "x"}).exit_code == 2);
  }

  TEST_CASE("a list holds no value and no key") {
    const Filled filled({"a"});
    const std::string json = filled.done({"secret", "list", "--output", "json"});
    CHECK(json.find("the value") == std::string::npos);
    CHECK(json.find("\"values\":{}") != std::string::npos);
  }

  TEST_CASE("an empty list is page 1 of 1") {
    const Filled filled({});
    CHECK(filled.done({"secret", "list"}) ==
          "NAME  SCOPE  WORKSPACE  REVISION  UPDATED  ID\npage 1 of 1, 0 secrets\n");
  }

  TEST_CASE("columns fit the widest cell, in the columns of a terminal") {
    const Filled filled({"日本", "abcd"});
    const std::string table = filled.done({"secret", "list"});
    CHECK(table.find("\n日本  workspace  default") != std::string::npos);
    CHECK(table.find("\nabcd  workspace  default") != std::string::npos);
  }

  TEST_CASE("a list option that is wrong is named as it is written") {
    const Workplace workplace(R"("type": "memory")");
    const Ended sort = workplace.kist({"secret", "list", "--sort", "foo"});
    CHECK(sort.exit_code == 2);
    CHECK(sort.err.starts_with("kist: invalid_argument: --sort: 'foo' is no order; expected "));
    const Ended size = workplace.kist({"secret", "list", "--size", "x"});
    CHECK(size.exit_code == 2);
    CHECK(size.err.starts_with("kist: invalid_argument: --size: "));
  }
}
