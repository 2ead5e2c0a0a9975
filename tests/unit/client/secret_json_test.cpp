// SPDX-License-Identifier: Apache-2.0
#include "client/secret_json.hpp"

#include <map>
#include <string>

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include "secrets/time_text.hpp"

using namespace kist;

namespace {

const std::string kId = "018f5b2e-0000-4000-8000-000000000001",
                  kWorkspace = "018f5b2e-0000-4000-8000-000000000002",
                  kUser = "018f5b2e-0000-4000-8000-000000000003";

std::string secret_text(const std::string& values) {
  return R"({"id":")" + kId + R"(","name":"db","scope":"user","workspace":{"id":")" + kWorkspace +
         R"(","name":"research"},"user":{"id":")" + kUser +
         R"(","name":"alice"},"created":"2026-03-01T12:00:00.000001Z",)" +
         R"("updated":"2026-03-02T12:00:00Z","revision":3,"values":)" + values + "}";
}

std::map<std::string, std::string> names;

client::Names sinks() {
  names.clear();
  const auto keep = [](const Uuid& id, const std::string& name) { names[id.to_string()] = name; };
  return {keep, keep};
}

core::ShownSecret read(const std::string& values) {
  return client::read_secret(boost::json::parse(secret_text(values)), sinks());
}

std::string text_of(const detail::SecretBuffer& body) { return {body.data(), body.size()}; }

}  // namespace

TEST_SUITE("client/secret_json") {
  TEST_CASE("a secret of a reply is the secret, with the names of what is around it") {
    const core::ShownSecret shown = read(R"({"a":"1","b":{"base64":"//4B"},"c":""})");
    CHECK(shown.secret.id.to_string() == kId);
    CHECK(shown.secret.name == "db");
    CHECK(shown.secret.scope == Scope::user);
    CHECK(shown.secret.workspace_id.to_string() == kWorkspace);
    CHECK(shown.secret.user_id.to_string() == kUser);
    CHECK(shown.secret.created == core::parse_time("2026-03-01T12:00:00.000001Z")->time);
    CHECK(shown.secret.updated == core::parse_time("2026-03-02T12:00:00Z")->time);
    CHECK(shown.secret.revision == 3);
    CHECK_FALSE(shown.values_hidden);
    CHECK(shown.secret.values.size() == 3);
    CHECK(shown.secret.values.find("a")->reveal() == "1");
    CHECK(shown.secret.values.find("b")->reveal() == "\xff\xfe\x01");
    CHECK(shown.secret.values.find("c")->reveal().empty());
    CHECK(names == std::map<std::string, std::string>{{kWorkspace, "research"}, {kUser, "alice"}});
  }

  TEST_CASE("values that one may not see are keys with null") {
    const core::ShownSecret shown = read(R"({"a":null})");
    CHECK(shown.values_hidden);
    CHECK(shown.secret.values.find("a")->reveal().empty());
  }

  TEST_CASE("a page gives its items, and a secret that cannot be read its id") {
    const core::Page page = client::read_page(
        boost::json::parse(R"({"index":2,"max_size":20,"total_pages":3,"total":41,"items":[)" +
                           secret_text("{}") + R"(,{"id":")" + kId +
                           R"(","readable":false}],"next_cursor":"c"})"),
        sinks());
    CHECK(page.index == 2);
    CHECK(page.max_size == 20);
    CHECK(page.total_pages == 3);
    CHECK(page.total == 41);
    REQUIRE(page.items.size() == 2);
    CHECK(page.items[0].readable);
    CHECK_FALSE(page.items[1].readable);
    CHECK(page.next_cursor == "c");

    const core::Page last = client::read_page(
        boost::json::parse(
            R"({"index":null,"max_size":20,"total_pages":null,"total":null,"items":[],"next_cursor":null})"),
        sinks());
    CHECK_FALSE(last.index);
    CHECK_FALSE(last.total);
    CHECK_FALSE(last.next_cursor);
  }

  TEST_CASE("a reply of another shape is refused") {
    struct Case {
      std::string text, message;
    };
    const Case cases[] = {
        {"[]", "no object where a secret or a list has to be"},
        {"{}", "no 'id'"},
        {R"({"id":1})", "no text as 'id'"},
        {R"({"id":"x"})", "no UUID as 'id'"},
        {secret_text("1"), "no object where a secret or a list has to be"},
        {secret_text(R"({"a":1})"), "no text as 'a'"},
        {secret_text(R"({"a":{}})"), "no 'base64'"},
        {secret_text(R"({"a":{"base64":"x"}})"), "a value that is no base64"},
        {secret_text(R"({"a":{"base64":"===="}})"), "a value that is no base64"},
    };
    for (const Case& item : cases) {
      CAPTURE(item.text);
      try {
        client::read_secret(boost::json::parse(item.text), sinks());
        FAIL("it was read");
      } catch (const Error& error) {
        CHECK(error.code == ErrorCode::unavailable);
        CHECK(error.message() == "the reply of the server has " + item.message +
                                     "; expected the address of a Kist server");
      }
    }
  }

  TEST_CASE("a request says what is wanted, a removed key as null, other bytes in base64") {
    core::NewSecret wanted;
    wanted.name = "d\"b";
    wanted.scope = Scope::user;
    wanted.values.set("a", "x\ny");
    wanted.values.set("b", "\xff\xfe\x01");
    CHECK(text_of(client::create_body(wanted, *Uuid::parse(kId))) ==
          R"({"id":")" + kId +
              R"(","name":"d\"b","scope":"user","values":{"a":"x\ny","b":{"base64":"//4B"}}})");
    wanted.workspace = "research";
    CHECK(
        text_of(client::create_body(wanted, *Uuid::parse(kId))).find(R"("workspace":"research")") !=
        std::string::npos);

    core::SecretChange change;
    change.name = "new";
    CHECK(text_of(client::update_body(change)) == R"({"name":"new"})");
    change.scope = Scope::workspace;
    change.values.emplace();
    change.values->set("a", "1");
    change.values->remove("b");
    CHECK(text_of(client::update_body(change)) ==
          R"({"name":"new","scope":"workspace","values":{"a":"1","b":null}})");
  }
}
