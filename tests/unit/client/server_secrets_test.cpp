// SPDX-License-Identifier: Apache-2.0
#include "client/server_secrets.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "fake_server.hpp"
#include "loader/host_call.hpp"

using namespace kist;
using namespace kist::testing;

namespace {

const std::string kId = "018f5b2e-0000-4000-8000-000000000001",
                  kWorkspace = "018f5b2e-0000-4000-8000-000000000002";

std::string secret() {
  return R"({"id":")" + kId + R"(","name":"db","scope":"workspace","workspace":{"id":")" +
         kWorkspace + R"(","name":"default"},"user":{"id":")" + kWorkspace +
         R"(","name":"alice"},"created":"2026-03-01T12:00:00Z","updated":"2026-03-01T12:00:00Z",)" +
         R"("revision":1,"values":{"a":"1"}})";
}

std::string page(const std::string& items) {
  return R"({"index":1,"max_size":2,"total_pages":1,"total":1,"items":[)" + items +
         R"(],"next_cursor":null})";
}

const std::string kDefault = R"({"id":")" + kWorkspace + R"(","name":"default"})";

/// Answers the requests of one connection in turn, and keeps them.
struct Conversation {
  explicit Conversation(std::vector<std::pair<std::string, std::string>> replies)
      : server({[this, replies](Connection& connection) {
          for (const auto& [status, body] : replies) {
            requests.push_back(connection.read_request());
            connection.answer(body, status);
          }
          connection.read_request();
        }}) {}

  std::string line(std::size_t i) const { return requests[i].substr(0, requests[i].find("\r\n")); }
  std::string body(std::size_t i) const {
    return requests[i].substr(requests[i].find("\r\n\r\n") + 4);
  }

  std::vector<std::string> requests;
  FakeServer server;
};

core::NewSecret wanted() {
  core::NewSecret secret;
  secret.name = "db";
  secret.values.set("a", "1");
  return secret;
}

std::string id_in(const std::string& request) {
  const std::size_t at = request.find(R"("id":")");
  REQUIRE(at != std::string::npos);
  return request.substr(at + 6, 36);
}

std::string error_of(const std::function<void(Call&)>& work) {
  core::HostCall call(std::chrono::seconds(20));
  try {
    work(call);
  } catch (const Error& error) {
    return std::string(to_string(error.code)) + ": " + std::string(error.message());
  }
  return "none";
}

}  // namespace

TEST_SUITE("client/server_secrets") {
  TEST_CASE("a secret is found by its name in the default workspace") {
    Conversation talk({{"200 OK", kDefault}, {"200 OK", page(secret())}, {"200 OK", secret()}});
    client::ServerSecrets secrets(talk.server.settings());
    core::HostCall call(std::chrono::seconds(20));
    const core::ShownSecret found = secrets.find(call, "db", {});
    CHECK(found.secret.values.find("a")->reveal() == "1");
    CHECK(talk.line(0) == "GET /api/v1/workspaces/default HTTP/1.1");
    CHECK(talk.line(1) ==
          "GET /api/v1/secrets?name=equals%3Adb&workspace_id=" + kWorkspace + "&size=2 HTTP/1.1");
    CHECK(talk.line(2) == "GET /api/v1/secrets/" + kId + " HTTP/1.1");
    CHECK(secrets.workspace_name(*Uuid::parse(kWorkspace)) == "default");
    CHECK(secrets.principal_name(*Uuid::parse(kWorkspace)) == "alice");
    CHECK(secrets.principal_name(*Uuid::parse(kId)) == kId);
  }

  TEST_CASE("a whole UUID is an id first, then a name") {
    Conversation by_id({{"200 OK", page(secret())}});
    client::ServerSecrets secrets(by_id.server.settings());
    core::HostCall call(std::chrono::seconds(20));
    CHECK(secrets.find_metadata(call, kId, {}).name == "db");
    CHECK(by_id.line(0) == "GET /api/v1/secrets?id=equals%3A" + kId + " HTTP/1.1");

    Conversation by_name({{"200 OK", page("")}, {"200 OK", kDefault}, {"200 OK", page("")}});
    client::ServerSecrets others(by_name.server.settings());
    CHECK(error_of([&](Call& c) { others.find_metadata(c, kId, {}); }) ==
          "not_found: there is no secret with the name or id '" + kId + "' in workspace 'default'");
  }

  TEST_CASE("a name that both scopes have is not chosen in silence") {
    Conversation talk({{"200 OK", kDefault}, {"200 OK", page(secret() + "," + secret())}});
    client::ServerSecrets secrets(talk.server.settings());
    CHECK(
        error_of([&](Call& call) { secrets.find(call, "db", {}); }) ==
        "invalid_argument: two secrets are named 'db' in workspace 'default', one in the workspace "
        "scope and one in the user scope; say which scope");
  }

  TEST_CASE("the first workspace is the default one where none has that name") {
    Conversation talk(
        {{"404 Not Found", R"({"detail":["KeyError","no"],"code":"not_found"})"},
         {"200 OK", R"({"items":[{"id":")" + kWorkspace + R"(","name":"research"}]})"}});
    client::ServerSecrets secrets(talk.server.settings());
    core::HostCall call(std::chrono::seconds(20));
    CHECK(secrets.workspace_id(call, std::nullopt).to_string() == kWorkspace);
    CHECK(talk.line(1) == "GET /api/v1/workspaces HTTP/1.1");
  }

  TEST_CASE("ST-20: a create proposes an id, and is repeated with it when its reply is lost") {
    std::vector<std::string> seen;
    FakeServer server({[&](Connection& c) { seen.push_back(c.read_request()); },
                       [&](Connection& c) {
                         seen.push_back(c.read_request());
                         c.answer(secret());
                         c.read_request();
                       }});
    client::ServerSecrets secrets(server.settings());
    core::HostCall call(std::chrono::seconds(20));
    CHECK(secrets.create(call, wanted()).name == "db");
    REQUIRE(seen.size() == 2);
    CHECK(seen[0] == seen[1]);
    CHECK(Uuid::parse(id_in(seen[0])).has_value());
  }

  TEST_CASE("ST-20: a create whose reply does not come at all names the id to look for") {
    std::vector<std::string> seen;
    const auto lose = [&](Connection& c) { seen.push_back(c.read_request()); };
    std::string error;
    {
      FakeServer server({lose, lose, lose});
      client::ServerSecrets secrets(server.settings());
      error = error_of([&](Call& call) { secrets.create(call, wanted()); });
      CHECK(error.starts_with("indeterminate: it is unknown whether server '" + server.url() +
                              "' did what was asked"));
    }
    REQUIRE(seen.size() == 2);
    const std::string id = id_in(seen[0]);
    CHECK(error.ends_with("; look for id " + id + ", or repeat the command with --id " + id));
  }

  TEST_CASE("an update merges or replaces, a delete names the revision") {
    Conversation talk({{"200 OK", secret()}, {"200 OK", secret()}, {"200 OK", "null"}});
    client::ServerSecrets secrets(talk.server.settings());
    core::HostCall call(std::chrono::seconds(20));
    const Uuid id = *Uuid::parse(kId);
    core::SecretChange change;
    change.values.emplace();
    change.values->set("a", "2");
    secrets.update(call, id, change);
    CHECK(talk.line(0) == "PUT /api/v1/secrets/" + kId + "?patch_values=true HTTP/1.1");
    CHECK(talk.body(0) == R"({"values":{"a":"2"}})");
    CHECK(talk.requests[0].find("If-Match") == std::string::npos);
    change.replace_values = true;
    change.if_revision = 4;
    secrets.update(call, id, change);
    CHECK(talk.line(1) == "PUT /api/v1/secrets/" + kId + "?patch_values=false HTTP/1.1");
    CHECK(talk.requests[1].find("If-Match: \"4\"\r\n") != std::string::npos);
    secrets.remove(call, id, 5);
    CHECK(talk.line(2) == "DELETE /api/v1/secrets/" + kId + " HTTP/1.1");
    CHECK(talk.requests[2].find("If-Match: \"5\"\r\n") != std::string::npos);
  }
}
