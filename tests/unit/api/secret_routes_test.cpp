// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <doctest/doctest.h>

#include "api_fixture.hpp"

namespace kist::api::testing {
namespace {

const std::string kSecrets = "/api/v1/secrets";
const std::string kNobodys = "/api/v1/secrets/00000000-0000-0000-0000-0000000000ff";
const std::string kNoSecret =
    "404 not_found: there is no secret with id 00000000-0000-0000-0000-0000000000ff";

TEST_SUITE("host/api create") {
  TEST_CASE_FIXTURE(ApiFixture, "a created secret comes back with its values, and an ETag") {
    const Got made = create("db");
    CHECK(made.header("ETag") == "\"1\"");
    CHECK(made.content_type == "application/json");
    const std::string workspace = directory.find_workspace("default")->id.to_string();
    const std::string user = principal("alice").id.to_string();
    const std::string none =
        R"("created":"1970-01-01T00:00:00.000000Z","updated":"1970-01-01T00:00:00.000000Z")";
    CHECK(made.body ==
          R"({"id":"00000000-0000-0000-0000-000000000001","name":"db","scope":"workspace",)"
          R"("workspace":{"id":")" +
              workspace + R"(","name":"default","description":"",)" + none + R"(},"user":{"id":")" +
              user + R"(","name":"alice","full_name":"","active":true,)" + none +
              R"(},"created":"1970-01-01T00:00:01.000000Z",)"
              R"("updated":"1970-01-01T00:00:01.000000Z","revision":1,)"
              R"("values":{"password":"hunter2","user":"root"}})");
    const Got got = ask("GET", path_of(made));
    CHECK(got.body == made.body);
    CHECK(got.header("ETag") == "\"1\"");
  }

  TEST_CASE_FIXTURE(ApiFixture, "a full body of a ZenML client: its workspace, its user, nulls") {
    const std::string workspace = directory.find_workspace("research")->id.to_string();
    const std::string body = R"({"name": "aria", "scope": "user", "values": {"k": "v", "n": null},
      "user": ")" + principal("alice").id.to_string() +
                             R"(", "workspace": ")" + workspace +
                             R"(", "id": null, "private": false, "labels": {"a": ["b"]}})";
    const Got made = ask("POST", "/api/v1/workspaces/research/secrets", {.body = body});
    REQUIRE(made.status == 200);
    CHECK(made.text("workspace.name") == "research");
    CHECK(made.text("scope") == "user");
    CHECK(made.text("values") == R"({"k":"v"})");
    const std::string by_id = "/api/v1/workspaces/" + workspace + "/secrets";
    CHECK(ask("POST", by_id, {.body = R"({"name": "x"})"}).text("workspace.name") == "research");
    CHECK(ask("POST", kSecrets, {.body = R"({"name": "y", "workspace": "research"})"})
              .text("workspace.name") == "research");
    CHECK(ask("POST", kSecrets, {.body = R"({"name": "z", "user": "alice"})"}).status == 200);
  }

  TEST_CASE_FIXTURE(ApiFixture, "another workspace than the path's and another user are refused") {
    const auto refusal = [&](const std::string& path, const std::string& body) {
      return ask("POST", path, {.body = body}).failure();
    };
    const std::string other_workspace =
        "403 permission_denied: the body's 'workspace' is another than the path's 'research'";
    const std::string path = "/api/v1/workspaces/research/secrets";
    CHECK(refusal(path, R"({"name": "db", "workspace": "default"})") == other_workspace);
    CHECK(refusal(path, R"({"name": "db", "workspace": "nowhere"})") == other_workspace);
    const std::string other_user =
        "403 permission_denied: the body's 'user' is another than who asks; a secret belongs to "
        "who creates it";
    CHECK(refusal(kSecrets, R"({"name": "db", "user": "bob"})") == other_user);
    CHECK(refusal(kSecrets, R"({"name": "db", "user": ")" + principal("bob").id.to_string() +
                                "\"}") == other_user);
    CHECK(refusal(kSecrets, R"({"name": "db", "user": "nobody"})") == other_user);
    CHECK(memory.calls.empty());
  }

  TEST_CASE_FIXTURE(ApiFixture, "AT-31: a workspace of others and one that is none look alike") {
    const Asked by_bob{.who = "bob", .body = R"({"name": "db"})"};
    CHECK(ask("POST", "/api/v1/workspaces/research/secrets", by_bob).failure() ==
          "404 not_found: there is no workspace 'research'");
    CHECK(ask("POST", "/api/v1/workspaces/nowhere/secrets", by_bob).failure() ==
          "404 not_found: there is no workspace 'nowhere'");
    CHECK(
        ask("POST", kSecrets, {.who = "bob", .body = R"({"name": "db", "workspace": "research"})"})
            .failure() == "404 not_found: there is no workspace 'research'");
  }

  TEST_CASE_FIXTURE(ApiFixture, "a repeated create with an id gives the secret of the first") {
    const std::string body =
        R"({"name": "db", "id": "3f0c2d4e-0001-4abc-8def-0123456789ab", "values": {"k": "v"}})";
    const Got first = ask("POST", kSecrets, {.body = body});
    CHECK(first.text("id") == "3f0c2d4e-0001-4abc-8def-0123456789ab");
    const Got again = ask("POST", kSecrets, {.body = body});
    CHECK(again.status == 200);
    CHECK(again.body == first.body);
    const Got other = ask(
        "POST", kSecrets,
        {.body =
             R"({"name": "db", "id": "3f0c2d4e-0001-4abc-8def-0123456789ab", "values": {"k": "w"}})"});
    CHECK(other.status == 409);
    CHECK(other.text("detail.0") == "EntityExistsError");
  }

  TEST_CASE_FIXTURE(ApiFixture, "what breaks a rule says which, in its status") {
    create("db");
    struct Case {
      std::string body;
      int status;
      std::string code;
    };
    const Case cases[] = {
        {R"({"name": "db"})", 409, "already_exists"},
        {R"({"name": " db"})", 400, "invalid_argument"},
        {R"({"name": ""})", 400, "invalid_argument"},
        {R"({"name": "x", "values": {"": "v"}})", 400, "invalid_argument"},
        {R"({"name": "x", "id": "00000000-0000-0000-0000-000000000000"})", 400, "invalid_argument"},
        {R"({"name": "x", "values": {"k": ")" + std::string(65'536, 'v') + "\"}}", 413,
         "resource_exhausted"},
        {R"({"values": {}})", 422, "invalid_argument"},
        {R"({"name": null})", 422, "invalid_argument"},
        {R"({"name": "x", "scope": "global"})", 422, "invalid_argument"},
        {"", 422, "invalid_argument"},
    };
    for (const Case& c : cases) {
      CAPTURE(c.body.substr(0, 60));
      const Got got = ask("POST", kSecrets, {.body = c.body});
      CHECK(got.status == c.status);
      CHECK(got.text("code") == c.code);
    }
    CHECK(
        ask("POST", kSecrets, {.who = "reader", .body = R"({"name": "x"})"}).failure() ==
        "403 permission_denied: principal 'reader' is a reader in workspace 'default'; this needs "
        "the role writer");
    CHECK(memory.map.records.size() == 1);
  }

  TEST_CASE_FIXTURE(ApiFixture, "a name that is empty is 400 wherever one may stand") {
    const std::string path = path_of(create("db")), body = R"({"name": ""})";
    const std::string failure =
        "400 invalid_argument: the name is empty; expected 1 to 255 characters";
    CHECK(ask("POST", kSecrets, {.body = body}).failure() == failure);
    CHECK(ask("POST", "/api/v1/workspaces/default/secrets", {.body = body}).failure() == failure);
    CHECK(ask("PUT", path, {.body = body}).failure() == failure);
    CHECK(ask("PUT", path, {.body = R"({"name": null})"}).status == 200);
  }

  TEST_CASE_FIXTURE(ApiFixture, "a value is any bytes: those that are no UTF-8 go as base64") {
    const Got made = ask("POST", kSecrets,
                         {.body = R"({"name": "key", "values": {"der": {"base64": "MIH/AA=="}}})"});
    REQUIRE(made.status == 200);
    CHECK(memory.map.records.begin()->second.values[0].value.reveal() ==
          std::string_view("0\x81\xFF\0", 4));
    CHECK(made.text("values.der.base64") == "MIH/AA==");
    CHECK(ask("GET", path_of(made)).text("values.der.base64") == "MIH/AA==");
  }

  TEST_CASE_FIXTURE(ApiFixture, "AT-02: the name that was asked for is the one that is stored") {
    for (const std::string name : {"../x", "a%2Fb", "A;b", "e\u0301", "a\\\\b", "\\ud83d\\ude00"}) {
      const Got made = ask("POST", kSecrets, {.body = R"({"name": ")" + name + "\"}"});
      REQUIRE(made.status == 200);
      const auto& stored = memory.map.records.at(*Uuid::parse(made.text("id")));
      CHECK(stored.name == made.text("name"));
      CHECK(ask("GET", path_of(made)).text("name") == stored.name);
    }
  }

  TEST_CASE_FIXTURE(ApiFixture, "AT-32: the body is JSON by its Content-Type, or has none") {
    const auto status = [&](std::optional<std::string> type) {
      return ask("POST", kSecrets, {.body = "{}", .content_type = std::move(type)}).status;
    };
    CHECK(status("application/json") == 422);
    CHECK(status("Application/JSON ; charset=utf-8") == 422);
    CHECK(status({}) == 422);
    for (const char* const type :
         {"", "text/plain", "application/x-www-form-urlencoded", "application/jsonp",
          "application/json, text/html", "json", "application/json; charset=latin1"})
      CHECK(status(type) == 415);
    CHECK(ask("POST", kSecrets, {.body = "{}", .content_type = "text/plain"}).failure() ==
          "415 invalid_argument: the body's Content-Type is not application/json in UTF-8");
    CHECK(ask("GET", kSecrets, {.content_type = "text/plain"}).status == 200);
  }
}

TEST_SUITE("host/api get and list") {
  TEST_CASE_FIXTURE(ApiFixture, "who may not read values gets keys with null") {
    const std::string path = path_of(create("db"));
    CHECK(ask("GET", path, {.who = "reader"}).text("values.password") == "hunter2");
    CHECK(ask("GET", path, {.who = "lister"}).text("values") == R"({"password":null,"user":null})");
    CHECK(ask("GET", path, {.who = "stranger"}).status == 404);
  }

  TEST_CASE_FIXTURE(ApiFixture, "AT-31: no secret, another's and one out of sight look alike") {
    const Got made = ask("POST", kSecrets, {.body = R"({"name": "mine", "scope": "user"})"});
    const std::string id = made.text("id");
    const Got hidden = ask("GET", path_of(made), {.who = "root"});
    CHECK(hidden.failure() == "404 not_found: there is no secret with id " + id);
    CHECK(hidden.text("detail.0") == "KeyError");
    CHECK(ask("GET", kNobodys).failure() == kNoSecret);
    for (const char* const method : {"PUT", "DELETE"})
      CHECK(ask(method, path_of(made), {.who = "root", .body = "{}"}).failure() ==
            "404 not_found: there is no secret with id " + id);
  }

  TEST_CASE_FIXTURE(ApiFixture, "an id is a UUID, with hyphens or without") {
    const std::string id = create("db").text("id");
    std::string digits;
    for (const char c : id) digits += c == '-' ? "" : std::string(1, c);
    CHECK(ask("GET", kSecrets + "/" + digits).text("name") == "db");
    for (const char* const method : {"GET", "PUT", "DELETE"}) {
      const Got got = ask(method, kSecrets + "/db", {.body = "{}"});
      CHECK(got.failure() == "422 invalid_argument: the secret's id 'db' is no UUID");
      CHECK(got.text("fields") == R"([{"field":"id","value":"db","allowed":["a UUID"]}])");
    }
    CHECK(ask("GET", kSecrets + "/" + id + "0").status == 422);
  }

  TEST_CASE_FIXTURE(ApiFixture, "a list has all but values") {
    for (const char* const name : {"a", "b", "c"}) create(name);
    const Got page = ask("GET", kSecrets +
                                    "?size=2&sort_by=desc:name&logical_operator=and&page=1"
                                    "&hydrate=False&unknown=x");
    REQUIRE(page.status == 200);
    CHECK(page.text("index") == "1");
    CHECK(page.text("max_size") == "2");
    CHECK(page.text("total_pages") == "2");
    CHECK(page.text("total") == "3");
    CHECK(page.at("items").as_array().size() == 2);
    CHECK(page.text("items.0.name") == "c");
    CHECK(page.text("items.0.values") == "{}");
    CHECK(page.text("items.0.workspace.name") == "default");
    CHECK(page.body.find("hunter2") == std::string::npos);
    const Got rest =
        ask("GET", kSecrets + "?size=2&sort_by=desc:name&cursor=" + page.text("next_cursor"));
    CHECK(rest.text("items.0.name") == "a");
    CHECK(rest.text("next_cursor") == "null");
    CHECK(rest.text("index") == "null");
    CHECK(rest.text("total") == "null");
    CHECK(ask("GET", kSecrets + "?name=startswith%3Ab&name=b").text("total") == "1");
    CHECK(ask("GET", kSecrets + "?name=nothing").body ==
          R"({"index":1,"max_size":20,"total_pages":1,"total":0,"items":[],"next_cursor":null})");
    CHECK(ask("GET", kSecrets, {.who = "stranger"}).text("total") == "0");
  }

  TEST_CASE_FIXTURE(ApiFixture, "a parameter that does not parse is named") {
    const Got got = ask("GET", kSecrets + "?sort_by=values");
    CHECK(got.status == 422);
    CHECK(got.text("detail.0") == "ValueError");
    CHECK(got.text("fields.0.field") == "sort_by");
    CHECK(got.text("fields.0.value") == "values");
    CHECK(got.at("fields.0.allowed").as_array().size() == 8);
    CHECK(ask("GET", kSecrets + "?created=before:x").status == 422);
    CHECK(ask("GET", kSecrets + "?name=%").status == 400);
    CHECK(ask("GET", kSecrets + "?page=2").status == 400);
  }

  TEST_CASE_FIXTURE(ApiFixture, "AT-07: sizes and cursors that nobody gave are refused") {
    for (const char* const query :
         {"size=0", "size=-1", "size=", "size=2147483648", "size=18446744073709551616", "page=0",
          "page=9223372036854775808", "size=1e3", "size=%31%30%30%30%31", "size=20&size=20"})
      CHECK(ask("GET", kSecrets + "?" + query).status == 422);
    CHECK(ask("GET", kSecrets + "?cursor=forged").status == 400);
    CHECK(ask("GET", kSecrets + "?cursor=").status == 400);
  }

  TEST_CASE_FIXTURE(ApiFixture, "a damaged secret is listed as such, and cannot be read") {
    const Got made = create("db");
    memory.map.corrupt.insert(*Uuid::parse(made.text("id")));
    CHECK(ask("GET", kSecrets).text("items.0.readable") == "false");
    const Got got = ask("GET", path_of(made));
    CHECK(got.status == 500);
    CHECK(got.text("code") == "corrupt");
    CHECK(ask("PUT", path_of(made), {.body = R"({"values": {"k": "new"}})"}).text("values.k") ==
          "new");
  }

  TEST_CASE_FIXTURE(ApiFixture, "what is not configured any more has its id for a name") {
    const Got made = create("db");
    Secret& stored = memory.map.records.begin()->second;
    stored.user_id = Uuid{{0xAA}};
    CHECK(ask("GET", path_of(made)).text("user.name") == "aa000000-0000-0000-0000-000000000000");
    stored.user_id = directory.local_principal().id;
    CHECK(ask("GET", path_of(made)).text("user.name") == "default");
    stored.workspace_id = Uuid{{0xBB}};
    CHECK(ask("GET", path_of(made), {.who = "root"}).text("workspace.name") ==
          "bb000000-0000-0000-0000-000000000000");
  }

  TEST_CASE_FIXTURE(ApiFixture, "AT-30: HEAD is answered as GET, and may what GET may") {
    const std::string path = path_of(create("db"));
    const Got head = ask("HEAD", path);
    CHECK(head.status == 200);
    CHECK(head.header("ETag") == "\"1\"");
    CHECK(ask("HEAD", path, {.who = ""}).status == 401);
    CHECK(ask("HEAD", path, {.who = "stranger"}).status == 404);
    CHECK(ask("HEAD", kSecrets).status == 200);
  }
}

TEST_SUITE("host/api update and delete") {
  TEST_CASE_FIXTURE(ApiFixture, "patch_values merges, its absence replaces, no values touch none") {
    const std::string path = path_of(create("db"));
    const auto values = [&](const std::string& query, const std::string& body) {
      return ask("PUT", path + query, {.body = body}).text("values");
    };
    CHECK(values("?patch_values=True", R"({"values": {"user": null, "port": "1", "x": null}})") ==
          R"({"password":"hunter2","port":"1"})");
    CHECK(values("?patch_values=false", R"({"name": "db2"})") ==
          R"({"password":"hunter2","port":"1"})");
    CHECK(values("", R"({"name": null, "scope": null, "values": null})") ==
          R"({"password":"hunter2","port":"1"})");
    CHECK(values("", R"({"values": {"only": "this", "not": null}})") == R"({"only":"this"})");
    CHECK(values("?patch_values=0", R"({"values": {}})") == "{}");
    const Got got = ask("GET", path);
    CHECK(got.text("name") == "db2");
    CHECK(got.header("ETag") == "\"6\"");
    CHECK(ask("PUT", path + "?patch_values=maybe", {.body = "{}"}).failure() ==
          "422 invalid_argument: parameter 'patch_values': 'maybe' is neither true nor false");
  }

  TEST_CASE_FIXTURE(ApiFixture,
                    "a mistyped patch_values replaces nothing, and other parameters are ignored") {
    const std::string path = path_of(create("db"));
    const std::string body = R"({"values": {"only": "this"}})";
    for (const char* const name : {"patch_value", "patchvalues", "patch-values", "Patch_Values"}) {
      const std::string quoted = "'" + std::string(name) + "'";
      CHECK(ask("PUT", path + "?" + name + "=true", {.body = body}).failure() ==
            "422 invalid_argument: there is no parameter " + quoted +
                "; did you mean 'patch_values'?");
    }
    CHECK(ask("GET", path).header("ETag") == "\"1\"");
    CHECK(ask("PUT", path + "?hydrate=true&x", {.body = body}).text("values") ==
          R"({"only":"this"})");
  }

  TEST_CASE_FIXTURE(ApiFixture, "owner and workspace of a secret are not what an update changes") {
    const Got made = create("db");
    const Got got = ask("PUT", path_of(made),
                        {.body = R"({"workspace": "research", "user": "bob", "name": "db2",
                                     "id": "3f0c2d4e-0001-4abc-8def-0123456789ab"})"});
    REQUIRE(got.status == 200);
    CHECK(got.text("id") == made.text("id"));
    CHECK(got.text("workspace") == made.text("workspace"));
    CHECK(got.text("user") == made.text("user"));
    CHECK(got.text("name") == "db2");
  }

  TEST_CASE_FIXTURE(ApiFixture, "If-Match lets a write through at its revision only") {
    const std::string path = path_of(create("db"));
    const auto put = [&](const char* tag) {
      return ask("PUT", path, {.body = R"({"values": {"k": "v"}})", .if_match = tag});
    };
    CHECK(put("\"1\"").header("ETag") == "\"2\"");
    const Got late = put("\"1\"");
    CHECK(late.status == 412);
    CHECK(late.text("code") == "conflict");
    CHECK(late.text("detail.0") == "ConflictError");
    CHECK(put("*").header("ETag") == "\"3\"");
    CHECK(put("\"9\", \"3\"").header("ETag") == "\"4\"");
    CHECK(put("\"9\", \"3\"").status == 412);
    CHECK(put("W/\"4\"").status == 400);
    CHECK(put("4").status == 400);

    const auto remove = [&](const char* tag) { return ask("DELETE", path, {.if_match = tag}); };
    CHECK(remove("\"3\"").status == 412);
    CHECK(remove("\"1\", \"2\"").status == 412);
    CHECK(remove("\"\"").status == 400);
    CHECK(memory.map.records.size() == 1);
    CHECK(remove("\"4\"").body == "null");
    CHECK(remove("*").status == 404);
    CHECK(remove("\"4\", \"5\"").status == 404);
  }

  TEST_CASE_FIXTURE(ApiFixture, "a list of tags does not find another secret by its name") {
    const Got made = create("00000000-0000-0000-0000-0000000000ff");
    CHECK(ask("DELETE", kNobodys, {.if_match = "\"1\", \"2\""}).failure() == kNoSecret);
    CHECK(memory.map.records.size() == 1);
  }

  TEST_CASE_FIXTURE(ApiFixture, "a deleted secret is answered with null, and is gone") {
    const std::string path = path_of(create("db"));
    CHECK(ask("DELETE", path, {.who = "reader"}).status == 403);
    const Got gone = ask("DELETE", path, {.content_type = {}});
    CHECK(gone.status == 200);
    CHECK(gone.body == "null");
    CHECK(ask("GET", path).status == 404);
    CHECK(ask("DELETE", path).status == 404);
    CHECK(create("db").status == 200);
  }

  TEST_CASE_FIXTURE(ApiFixture, "an update to a taken name is refused, and changes nothing") {
    create("a");
    const Got b = create("b");
    CHECK(ask("PUT", path_of(b), {.body = R"({"name": "a", "values": {}})"}).status == 409);
    CHECK(ask("GET", path_of(b)).body == b.body);
  }
}

}  // namespace
}  // namespace kist::api::testing
