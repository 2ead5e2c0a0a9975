// SPDX-License-Identifier: Apache-2.0
#include "api/secret_body.hpp"

#include <string>

#include <doctest/doctest.h>

#include "../secrets/failure_of.hpp"
#include "secrets/invalid_parameter.hpp"
#include "secrets/validation.hpp"

namespace kist::api {
namespace {

std::string shown(const SecretBody& body) {
  std::string text;
  const auto add = [&](const char* name, const std::optional<std::string>& value) {
    if (value) text += std::string(name) + "=" + *value + " ";
  };
  add("name", body.name);
  if (body.scope) text += "scope=" + std::string(to_string(*body.scope)) + " ";
  add("workspace", body.workspace);
  add("user", body.user);
  if (body.id) text += "id=" + body.id->to_string() + " ";
  if (!body.values) return text;
  text += "{";
  for (std::size_t i = 0; i < body.values->size(); ++i) {
    text += std::string(body.values->key(i)) + ":" +
            (body.values->removes(i) ? "null" : std::string(body.values->value(i).reveal())) + ",";
  }
  return text + "}";
}

/// What was read, or "code field: message".
std::string parsed(std::string_view json, const core::HttpLimits& limits = {}) {
  try {
    return shown(parse_secret_body(json, limits));
  } catch (const core::InvalidParameter& failure) {
    CHECK(failure.field.value == "");
    return "422 " + failure.field.field + ": " + std::string(failure.message());
  } catch (const core::LimitExceeded& failure) {
    return "413 " + std::string(failure.message());
  } catch (const Error& failure) {
    return "400 " + std::string(failure.message());
  }
}

std::string map_of(std::size_t keys, const char* value) {
  std::string json = R"({"values": {)";
  for (std::size_t i = 0; i < keys; ++i)
    json += (i == 0 ? "\"k" : ", \"k") + std::to_string(i) + "\": " + value;
  return json + "}}";
}

TEST_SUITE("host/api/secret_body") {
  TEST_CASE("a member that is nearly one of the known is not passed over") {
    CHECK(parsed(R"({"name": "db", "valeus": {"password": "hunter2"}})") ==
          "422 valeus: the body has no member 'valeus'; did you mean 'values'?");
    CHECK(parsed(R"({"Scope": "user"})") ==
          "422 Scope: the body has no member 'Scope'; did you mean 'scope'?");
    CHECK(parsed(R"({"created": "x", "updated": "x", "revision": 3, "user_id": "x", "private": true,
                     "workspace_id": "x", "tags": [], "type": "x"})") == "");
  }

  TEST_CASE("a body is its members, null is absent, and unknown ones are passed over") {
    CHECK(parsed("{}") == "");
    CHECK(parsed(R"( {"name": "db", "scope": "user", "workspace": "w", "user": "u",
                      "id": "3F0C2D4E00014abc8def0123456789ab",
                      "values": {"b": "2", "a": null, "": "", "c": {"base64": "/wA="}}} )") ==
          "name=db scope=user workspace=w user=u id=3f0c2d4e-0001-4abc-8def-0123456789ab "
          "{:,a:null,b:2,c:\xFF" +
              std::string(1, '\0') + ",}");
    CHECK(parsed(R"({"name": null, "scope": null, "workspace": null, "user": null, "id": null,
                     "values": null})") == "");
    CHECK(parsed(R"({"values": {}})") == "{}");
    CHECK(parsed(R"({"x": 1, "y": [{"name": "no", "values": [[]]}, null], "name": "db",
                     "z": {"values": {"a": 1}, "name": {"name": 2}}, "x": "twice", "w": true})") ==
          "name=db ");
    CHECK(parsed(R"({"na\u006de": "d\u00e9\ud83d\ude00"})") == "name=d\u00E9\U0001F600 ");
    CHECK(parsed(R"({"values": {"k": {"base64": ""}}})") == "{k:,}");
    CHECK(parsed(R"({"values": {"k": "a\u0000b"}})") == "{k:a" + std::string(1, '\0') + "b,}");
  }

  TEST_CASE("a wrong type names the member, and quotes nothing of it") {
    struct Case {
      const char* json;
      const char* failure;
    };
    const Case cases[] = {
        {R"({"name": 1})", "422 name: the body's 'name' is a number; expected a text"},
        {R"({"name": true})", "422 name: the body's 'name' is a boolean; expected a text"},
        {R"({"name": ["canary"]})", "422 name: the body's 'name' is an array; expected a text"},
        {R"({"name": {"a": "canary"}})",
         "422 name: the body's 'name' is an object; expected a text"},
        {R"({"scope": "canary"})",
         "422 scope: the body's 'scope' is none; allowed: workspace, user"},
        {R"({"scope": 0})", "422 scope: the body's 'scope' is a number; expected a text"},
        {R"({"id": "canary"})", "422 id: the body's 'id' is no UUID"},
        {R"({"id": {}})", "422 id: the body's 'id' is an object; expected a text"},
        {R"({"user": {"id": "canary"}})",
         "422 user: the body's 'user' is an object; expected a text"},
        {R"({"workspace": 7})",
         "422 workspace: the body's 'workspace' is a number; expected a text"},
        {R"({"values": "canary"})",
         "422 values: the body's 'values' is a text; expected an object"},
        {R"({"values": ["canary"]})",
         "422 values: the body's 'values' is an array; expected an object"},
        {R"({"values": 1e400})", "422 values: the body's 'values' is a number; expected an object"},
        {R"({"values": {"k": 1}})",
         R"(422 values.k: the value of key 'k' is a number; expected a text, {"base64": "…"} or null)"},
        {R"({"values": {"k": false}})",
         R"(422 values.k: the value of key 'k' is a boolean; expected a text, {"base64": "…"} or null)"},
        {R"({"values": {"k": ["canary"]}})",
         R"(422 values.k: the value of key 'k' is an array; expected a text, {"base64": "…"} or null)"},
        {R"({"values": {"k": {}}})",
         R"(422 values.k: the value of key 'k' is an object; expected a text, {"base64": "…"} or null)"},
        {R"({"values": {"k": {"base65": "canary"}}})",
         R"(422 values.k: the value of key 'k' is an object; expected a text, {"base64": "…"} or null)"},
        {R"({"values": {"k": {"base64": "AAAA", "x": 1}}})",
         R"(422 values.k: the value of key 'k' is an object; expected a text, {"base64": "…"} or null)"},
        {R"({"values": {"k": {"base64": 1}}})",
         R"(422 values.k: the value of key 'k' is a number; expected a text, {"base64": "…"} or null)"},
        {R"({"values": {"k": {"base64": "canary!"}}})",
         "422 values.k: the base64 of value 'k' is none"},
        {R"({"values": {"k": {"base64": "AAA"}}})",
         "422 values.k: the base64 of value 'k' is none"},
        {R"({"values": {"k": {"base64": "AA-_"}}})",
         "422 values.k: the base64 of value 'k' is none"},
    };
    for (const Case& c : cases) {
      CAPTURE(c.json);
      CHECK(parsed(c.json) == c.failure);
    }
  }

  TEST_CASE("AT-26: a member or key that stands twice is refused, not the last one taken") {
    CHECK(parsed(R"({"name": "a", "name": "b"})") == "422 name: the body has 'name' twice");
    CHECK(parsed(R"({"name": null, "n\u0061me": "b"})") == "422 name: the body has 'name' twice");
    CHECK(parsed(R"({"values": {}, "values": {}})") == "422 values: the body has 'values' twice");
    CHECK(parsed(R"({"values": {"a": "1", "b": "2", "a": "3"}})") ==
          "422 values.a: the body has the key 'a' twice");
    CHECK(parsed(R"({"values": {"a": null, "a": null}})") ==
          "422 values.a: the body has the key 'a' twice");
    CHECK(parsed(R"({"values": {"k": {"base64": "AAAA", "base64": "AAAA"}}})").starts_with("422"));
  }

  TEST_CASE("AT-26: what is no JSON is refused without a word of it") {
    const std::string no_json = "422 body: the body is no JSON (RFC 8259, in UTF-8)";
    CHECK(parsed("") == "422 body: the body is empty; expected a JSON object");
    for (const std::string json : {"canary",
                                   "{",
                                   "{\"name\": \"canary\"",
                                   "{\"name\": \"canary\"} x",
                                   "{} {}",
                                   "{},",
                                   "{\"name\": \"canary\",}",
                                   "{'name': 'canary'}",
                                   "{\"name\": canary}",
                                   "{\"name\" \"x\"}",
                                   "{\"name\": \"canary\" /* x */}",
                                   "{} // x\n",
                                   "\xEF\xBB\xBF{}",
                                   "{\"name\": \"\xFF\"}",
                                   "{\"name\": \"\xC0\xAF\"}",
                                   R"({"name": "\ud800"})",
                                   R"({"name": "\udc00\ud800"})",
                                   R"({"name": "\x"})",
                                   "{\"name\": \"a\nb\"}",
                                   R"({"x": NaN})",
                                   R"({"x": 01})",
                                   R"({"x": +1})",
                                   R"({"x": .5})",
                                   R"({"x": tru})",
                                   "\xFE\xFF{}",

                                   "{\"\xED\xA0\x80\": 1}"}) {
      CAPTURE(json);
      CHECK(parsed(json) == no_json);
    }
    CHECK(parsed(std::string("{}\0", 3)) == no_json);
    CHECK(parsed("null") == "422 body: the body is null; expected a JSON object");
    CHECK(parsed("7") == "422 body: the body is a number; expected a JSON object");
    CHECK(parsed("[]") == "422 body: the body is an array; expected a JSON object");
    CHECK(parsed("\"canary\"") == "422 body: the body is a text; expected a JSON object");
  }

  TEST_CASE("AT-26: depth and nodes are bounded, also in what is passed over") {
    core::HttpLimits limits;
    const auto nested = [](std::size_t depth) {
      return R"({"x": )" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
    };
    CHECK(parsed(nested(32)) == "");
    CHECK(parsed(nested(33)) == "400 the body is nested deeper than 32 (json_depth)");
    CHECK(parsed(R"({"x": )" + std::string(1'000'000, '[')) ==
          "400 the body is nested deeper than 32 (json_depth)");
    limits.json_depth = 2;
    CHECK(parsed(nested(2), limits) == "");
    CHECK(parsed(nested(3), limits) == "400 the body is nested deeper than 2 (json_depth)");

    limits = {};
    limits.json_nodes = 10;  // The object, the key, the array, and seven more.
    CHECK(parsed(R"({"x": [1,2,3,4,5,6,7]})", limits) == "");
    CHECK(parsed(R"({"x": [1,2,3,4,5,6,7,8]})", limits) ==
          "400 the body has more than 10 values and keys (json_nodes)");
    CHECK(parsed(R"({"x": [[],{},"",null,true,1,2,3]})", limits).starts_with("400"));
    std::string many = R"({"x": [0)";
    for (int i = 0; i < 1'000'000; ++i) many += ",0";
    CHECK(parsed(many + "]}") == "400 the body has more than 10000 values and keys (json_nodes)");
  }

  TEST_CASE("AT-26: a number of a megabyte is a number") {
    const std::string digits(1 << 20, '7');
    CHECK(parsed(R"({"x": )" + digits + R"(, "name": "db"})") == "name=db ");
    CHECK(parsed(R"({"name": )" + digits + "}") ==
          "422 name: the body's 'name' is a number; expected a text");
    CHECK(parsed(R"({"x": 0.)" + digits + "e-" + digits + "}").size() < 100);
  }

  TEST_CASE("AT-26: keys are bounded before they cost anything") {
    core::HttpLimits limits;
    limits.json_nodes = 1'000'000;
    CHECK(parsed(map_of(2000, "null"), limits).size() > 2000);
    CHECK(parsed(map_of(2001, "null"), limits) ==
          "413 the body has more than 2000 keys; a secret has 1000 at most");
    CHECK(parsed(map_of(300'000, "\"\""), limits).starts_with("413 "));
  }
}

}  // namespace
}  // namespace kist::api
