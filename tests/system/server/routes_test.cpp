// SPDX-License-Identifier: Apache-2.0
// Each row of the table of routes, over a socket.
#include <set>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include "server_place.hpp"

using namespace kist::testing;

namespace {

constexpr const char* kSecrets = "/api/v1/secrets";
constexpr const char* kId = "3f0c0000-0000-4000-8000-000000000001";

std::string path_of(const std::string& id) { return kSecrets + ("/" + id); }

std::set<std::string> keys_of(const boost::json::value& value) {
  std::set<std::string> keys;
  for (const auto& [key, ignored] : value.as_object()) keys.emplace(key);
  return keys;
}

bool is_uuid(const boost::json::value& value) {
  const std::string text = text_of(value);
  return text.size() == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-';
}

/// RFC 3339, UTC.
bool is_time(const boost::json::value& value) {
  const std::string text = text_of(value);
  return text.size() >= 20 && text[10] == 'T' && text.ends_with('Z');
}

}  // namespace

TEST_SUITE("server/routes") {
  TEST_CASE("POST /secrets creates, and answers with the whole secret") {
    const RunningServer server;
    const Answer answer = server.post(
        kSecrets, R"({"name": "s", "scope": "workspace", "values": {"a": "1", "b": "\u00e9"}})");
    CHECK(answer.status == 200);
    const boost::json::value secret = answer.json();
    CHECK(keys_of(secret) == std::set<std::string>{"id", "name", "scope", "workspace", "user",
                                                   "created", "updated", "revision", "values"});
    CHECK(is_uuid(secret.at("id")));
    CHECK(is_uuid(secret.at("workspace").at("id")));
    CHECK(is_uuid(secret.at("user").at("id")));
    CHECK(is_time(secret.at("created")));
    CHECK(secret.at("updated") == secret.at("created"));
    CHECK(secret.at("name") == "s");
    CHECK(secret.at("scope") == "workspace");
    CHECK(secret.at("revision") == 1);
    CHECK(secret.at("values") == boost::json::parse(R"({"a": "1", "b": "\u00e9"})"));
    CHECK(answer.header("ETag") == "\"1\"");
    CHECK(server.get(path_of(text_of(secret.at("id")))).json() == secret);
  }

  TEST_CASE("POST /secrets with an id creates once, however often it is repeated") {
    const RunningServer server;
    const std::string body =
        secret_json("s", R"(, "values": {"k": "v"}, "id": ")" + std::string(kId) + "\"");
    const Answer first = server.post(kSecrets, body), second = server.post(kSecrets, body);
    CHECK(first.status == 200);
    CHECK(second.status == 200);
    CHECK(first.json() == second.json());
    CHECK(first.json().at("id") == kId);
    const Answer other = server.post(
        kSecrets, secret_json("t", R"(, "values": {}, "id": ")" + std::string(kId) + "\""));
    CHECK(other.status == 409);
    CHECK(other.code() == "already_exists");
  }

  TEST_CASE("POST /workspaces/W/secrets creates in the workspace of that name or id") {
    const RunningServer server;
    const std::string id = text_of(server.get("/api/v1/workspaces/research").json().at("id"));
    for (const std::string& workspace : {std::string("research"), id}) {
      const Answer answer = server.post("/api/v1/workspaces/" + workspace + "/secrets",
                                        secret_json("in-" + workspace));
      CHECK(answer.status == 200);
      CHECK(text_of(answer.json().at("workspace").at("id")) == id);
    }
    CHECK(server.post("/api/v1/workspaces/absent/secrets", secret_json("s")).status == 404);
    // In a body the workspace may be named too.
    const Answer named =
        server.post(kSecrets, secret_json("n", R"(, "values": {}, "workspace": ")" + id + "\""));
    CHECK(named.status == 200);
    CHECK(text_of(named.json().at("workspace").at("id")) == id);
  }

  TEST_CASE("GET /secrets lists without values") {
    const RunningServer server;
    for (const char* name : {"a", "b", "c"}) server.create(name);
    const Answer answer = server.get("/api/v1/secrets?sort_by=desc:name&size=2");
    CHECK(answer.status == 200);
    const boost::json::value page = answer.json();
    CHECK(page.at("total") == 3);
    CHECK(page.at("total_pages") == 2);
    CHECK(page.at("index") == 1);
    CHECK(page.at("max_size") == 2);
    REQUIRE(page.at("items").as_array().size() == 2);
    CHECK(page.at("items").at(0).at("name") == "c");
    CHECK(page.at("items").at(0).at("values") == boost::json::object());
    CHECK(server.get("/api/v1/secrets?name=equals:b").json().at("total") == 1);
    CHECK(server.get("/api/v1/secrets?name=equals:b&unknown=1").json().at("total") == 1);
  }

  TEST_CASE("GET /secrets follows a cursor, and sees each secret once") {
    const RunningServer server;
    for (int i = 0; i < 7; ++i) server.create("s" + std::to_string(i));
    std::vector<std::string> names;
    std::string cursor;
    do {
      const Answer answer = server.get("/api/v1/secrets?sort_by=name&size=3" + cursor);
      REQUIRE(answer.status == 200);
      const boost::json::value page = answer.json();
      CHECK(page.at("total").is_null() == !cursor.empty());
      for (const auto& item : page.at("items").as_array())
        names.push_back(text_of(item.at("name")));
      cursor = page.at("next_cursor").is_null() ? "" : "&cursor=" + text_of(page.at("next_cursor"));
    } while (!cursor.empty());
    CHECK(names == std::vector<std::string>{"s0", "s1", "s2", "s3", "s4", "s5", "s6"});
  }

  TEST_CASE("GET /secrets/ID shows values to a reader, and keys alone to a lister") {
    std::string reader, lister;
    const RunningServer server([&](ServerPlace& place) {
      reader = place.add_token("reader", {{"default", "reader"}});
      lister = place.add_token("lister", {{"default", "lister"}});
    });
    const std::string path = path_of(server.create("s"));
    CHECK(server.ask({.path = path, .token = reader}).json().at("values").at("k") == "v");
    const Answer answer = server.ask({.path = path, .token = lister});
    CHECK(answer.status == 200);
    CHECK(answer.json().at("values") == boost::json::parse(R"({"k": null})"));
  }

  TEST_CASE("PUT /secrets/ID replaces the values, merges them, or leaves them alone") {
    const RunningServer server;
    const std::string path = path_of(server.create("s"));
    const auto values = [&] { return server.get(path).json().at("values"); };
    const Answer merged =
        server.put(path + "?patch_values=true", R"({"values": {"k": null, "a": "1"}})");
    CHECK(merged.status == 200);
    CHECK(merged.json().at("revision") == 2);
    CHECK(merged.header("ETag") == "\"2\"");
    CHECK(values() == boost::json::parse(R"({"a": "1"})"));
    CHECK(server.put(path, R"({"name": "renamed"})").json().at("name") == "renamed");
    CHECK(values() == boost::json::parse(R"({"a": "1"})"));
    CHECK(server.put(path + "?patch_values=true", R"({"scope": "user"})").status == 200);
    CHECK(values() == boost::json::parse(R"({"a": "1"})"));
    CHECK(server.put(path + "?patch_values=false", R"({"values": {"b": "2"}})").status == 200);
    CHECK(values() == boost::json::parse(R"({"b": "2"})"));
    CHECK(server.put(path, R"({"values": {}})").status == 200);
    CHECK(values() == boost::json::object());
  }

  TEST_CASE("DELETE /secrets/ID answers null, and the secret is gone") {
    const RunningServer server;
    const std::string path = path_of(server.create("s"));
    const Answer answer = server.remove(path);
    CHECK(answer.status == 200);
    CHECK(answer.body == "null");
    CHECK(server.get(path).status == 404);
    CHECK(server.remove(path).status == 404);
    server.create("s");
  }

  TEST_CASE("ST-13: with If-Match, PUT and DELETE change that revision alone") {
    const RunningServer server;
    const std::string path = path_of(server.create("s"));
    const auto with = [&](const char* method, const char* etag, const char* body) {
      return server.ask({.method = method,
                         .path = path,
                         .body = body,
                         .headers = {{"If-Match", etag}},
                         .token = server.admin});
    };
    CHECK(with("PUT", "\"1\"", R"({"name": "t"})").status == 200);
    const Answer late = with("PUT", "\"1\"", R"({"name": "u"})");
    CHECK(late.status == 412);
    CHECK(late.code() == "conflict");
    CHECK(with("DELETE", "\"1\"", "").status == 412);
    CHECK(with("DELETE", "nonsense", "").status == 400);
    CHECK(server.get(path).json().at("name") == "t");
    CHECK(with("DELETE", "\"2\"", "").status == 200);
  }

  TEST_CASE("GET /info, /version, /current-user and /workspaces say who and what this is") {
    std::string reader;
    const RunningServer server([&](ServerPlace& place) {
      reader = place.add_token("reader", {{"research", "reader"}});
    });
    CHECK(server.get("/api/v1/info").status == 200);
    CHECK(server.get("/api/v1/info").json().is_object());
    CHECK(server.get("/api/v1/version").status == 200);
    const Answer user = server.ask({.path = "/api/v1/current-user", .token = reader});
    CHECK(user.status == 200);
    CHECK(user.json().at("name") == "reader");
    CHECK(is_uuid(user.json().at("id")));
    CHECK(server.get("/api/v1/workspaces").json().at("total") == 2);
    // Where somebody has no role there is no workspace.
    const Answer workspaces = server.ask({.path = "/api/v1/workspaces", .token = reader});
    CHECK(workspaces.json().at("total") == 1);
    CHECK(workspaces.json().at("items").at(0).at("name") == "research");
    CHECK(server.ask({.path = "/api/v1/workspaces/default", .token = reader}).status == 404);
    CHECK(server.ask({.path = "/api/v1/workspaces/research", .token = reader}).status == 200);
  }

  TEST_CASE("GET /store and /plugins describe what is behind the server") {
    const RunningServer server;
    const Answer store = server.get("/api/v1/store");
    CHECK(store.status == 200);
    CHECK(store.json().at("type") == "sqlite");
    const Answer plugins = server.get("/api/v1/plugins");
    CHECK(plugins.status == 200);
    CHECK(plugins.body.find("sqlite") != std::string::npos);
  }

  TEST_CASE("/health, /ready, /metrics and /openapi.json need no token") {
    const RunningServer server;
    server.create("s");
    for (const char* path : {"/health", "/ready", "/metrics", "/openapi.json"}) {
      CAPTURE(std::string(path));
      const Answer answer = server.ask({.path = path});
      CHECK(answer.status == 200);
      CHECK(answer.header("X-Request-Id"));
    }
    CHECK(
        server.ask({.path = "/openapi.json"}).json().at("openapi").as_string().starts_with("3.1"));
    CHECK(server.ask({.path = "/metrics"}).header("Content-Type")->starts_with("text/plain"));
  }

  TEST_CASE("a secret's life is the same for the command line on the same store") {
    const RunningServer server;
    server.create("from-http");
    CHECK(server.place.done({"secret", "get", "from-http", "--key", "k"}) == "v");
    server.place.done({"secret", "create", "from-command", "k=w"});
    const std::string id =
        text_of(server.get("/api/v1/secrets?name=from-command").json().at("items").at(0).at("id"));
    CHECK(server.get(path_of(id)).json().at("values").at("k") == "w");
  }

  TEST_CASE("statuses and shapes of what is answered are those that /openapi.json promises") {
    std::string lister;
    const RunningServer server([&](ServerPlace& place) {
      lister = place.add_token("lister", {{"default", "lister"}});
    });
    const boost::json::value document = server.ask({.path = "/openapi.json"}).json();
    const std::string path = path_of(server.create("s"));
    const struct {
      const char* route;
      Ask ask;
    } cases[] = {
        {"/api/v1/secrets", {.path = kSecrets, .token = server.admin}},
        {"/api/v1/secrets", {.path = kSecrets}},
        {"/api/v1/secrets", {.path = kSecrets + std::string("?sort_by=no"), .token = server.admin}},
        {"/api/v1/secrets",
         {.method = "POST", .path = kSecrets, .body = secret_json("s"), .token = server.admin}},
        {"/api/v1/secrets",
         {.method = "POST", .path = kSecrets, .body = secret_json("t"), .token = lister}},
        {"/api/v1/secrets",
         {.method = "POST", .path = kSecrets, .body = "{", .token = server.admin}},
        {"/api/v1/secrets/{id}", {.path = path, .token = server.admin}},
        {"/api/v1/secrets/{id}", {.path = path_of(kId), .token = server.admin}},
        {"/api/v1/secrets/{id}", {.path = path_of("no-uuid"), .token = server.admin}},
        {"/api/v1/secrets/{id}",
         {.method = "PUT", .path = path, .body = R"({"name": "t"})", .token = server.admin}},
        {"/api/v1/secrets/{id}", {.method = "DELETE", .path = path, .token = lister}},
        {"/api/v1/secrets/{id}", {.method = "DELETE", .path = path, .token = server.admin}},
        {"/api/v1/workspaces", {.path = "/api/v1/workspaces", .token = server.admin}},
        {"/api/v1/current-user", {.path = "/api/v1/current-user", .token = server.admin}},
        {"/health", {.path = "/health"}},
        {"/ready", {.path = "/ready"}},
    };
    for (const auto& [route, ask] : cases) {
      const Answer answer = server.ask(ask);
      const std::string asked = ask.method + " " + std::string(route);
      CAPTURE(asked);
      CAPTURE(answer.status);
      const auto& paths = document.at("paths").as_object();
      REQUIRE(paths.contains(route));
      std::string method = ask.method;
      for (char& c : method) c = static_cast<char>(c | 0x20);
      REQUIRE(paths.at(route).as_object().contains(method));
      CHECK(paths.at(route)
                .at(method)
                .at("responses")
                .as_object()
                .contains(std::to_string(answer.status)));
    }
  }
}
