// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <doctest/doctest.h>

#include "api_fixture.hpp"

namespace kist::api::testing {
namespace {

TEST_SUITE("host/api host routes") {
  TEST_CASE_FIXTURE(ApiFixture, "info says what this is, in the words of ZenML's clients") {
    const Got info = ask("GET", "/api/v1/info", {.who = "lister"});
    CHECK(info.body ==
          R"({"id":"de000000-0000-0000-0000-000000000000","name":"kist","version":")" KIST_VERSION
          R"(","active":true,"debug":false,"deployment_type":"other","database_type":"other",)"
          R"("secrets_store_type":"sql","auth_scheme":"OAUTH2_PASSWORD_BEARER"})");
    struct Case {
      const char* type;
      const char* word;
    };
    for (const Case& c : {Case{"none", "none"}, Case{"memory", "custom"}, Case{"aws", "aws"},
                          Case{"postgresql", "sql"}, Case{"hashicorp", "hashicorp"}}) {
      generations.now->type = c.type;
      CHECK(ask("GET", "/api/v1/info").text("secrets_store_type") == c.word);
    }
    CHECK(ask("GET", "/api/v1/version").body == "\"" KIST_VERSION "\"");
  }

  TEST_CASE_FIXTURE(ApiFixture, "the current user is who asks, with roles by workspace") {
    const Got alice = ask("GET", "/api/v1/current-user");
    CHECK(alice.text("id") == principal("alice").id.to_string());
    CHECK(alice.text("name") == "alice");
    CHECK(alice.text("full_name") == "");
    CHECK(alice.text("active") == "true");
    CHECK(alice.text("created") == "1970-01-01T00:00:00.000000Z");
    CHECK(alice.text("roles") == R"({"default":"writer","research":"writer"})");
    CHECK(ask("GET", "/api/v1/current-user", {.who = "root"}).text("roles") == R"({"*":"admin"})");
  }

  TEST_CASE_FIXTURE(ApiFixture, "workspaces are those in which the principal has a role") {
    const Got page = ask("GET", "/api/v1/workspaces");
    CHECK(page.text("total") == "2");
    CHECK(page.text("items.0.name") == "default");
    CHECK(page.text("items.0.id") == directory.find_workspace("default")->id.to_string());
    CHECK(page.text("items.0.description") == "");
    CHECK(page.text("items.1.name") == "research");
    const Got one = ask("GET", "/api/v1/workspaces", {.who = "stranger"});
    CHECK(one.text("total") == "1");
    CHECK(one.text("items.0.name") == "research");

    const Got second = ask("GET", "/api/v1/workspaces?size=1&page=2&name=contains:x&hydrate=False");
    CHECK(second.text("index") == "2");
    CHECK(second.text("max_size") == "1");
    CHECK(second.text("total_pages") == "2");
    CHECK(second.text("items.0.name") == "research");
    CHECK(
        ask("GET", "/api/v1/workspaces?page=2").failure() ==
        "400 invalid_argument: page 2 is past the last, 1: there are 2 workspaces in pages of 20");
    CHECK(ask("GET", "/api/v1/workspaces?size=0").status == 422);
  }

  TEST_CASE_FIXTURE(ApiFixture, "a workspace is found by name and by id") {
    const std::string id = directory.find_workspace("research")->id.to_string();
    CHECK(ask("GET", "/api/v1/workspaces/research").text("id") == id);
    CHECK(ask("GET", "/api/v1/workspaces/" + id).text("name") == "research");
  }

  TEST_CASE_FIXTURE(ApiFixture,
                    "AT-31: a workspace that is none and one without a role look alike") {
    CHECK(ask("GET", "/api/v1/workspaces/research", {.who = "bob"}).failure() ==
          "404 not_found: there is no workspace 'research'");
    CHECK(ask("GET", "/api/v1/workspaces/researcg", {.who = "bob"}).failure() ==
          "404 not_found: there is no workspace 'researcg'");
  }

  TEST_CASE_FIXTURE(ApiFixture, "store and plugins are for an admin of every workspace") {
    CHECK(ask("GET", "/api/v1/store", {.who = "root"}).body == R"({"type":"sqlite"})");
    CHECK(ask("GET", "/api/v1/plugins", {.who = "root"}).body == "[]");
    for (const char* const path : {"/api/v1/store", "/api/v1/plugins"}) {
      for (const char* const who : {"alice", "stranger", "lister"}) {
        CHECK(ask("GET", path, {.who = who}).failure() ==
              "403 permission_denied: this needs the role admin in every workspace");
      }
    }
  }

  TEST_CASE_FIXTURE(ApiFixture,
                    "AT-33: operations on all secrets are for an admin, and not there") {
    for (const char* const name : {"backup", "restore", "reencrypt"}) {
      const std::string path = "/api/v1/secrets_operations/" + std::string(name);
      CHECK(ask("PUT", path, {.who = ""}).status == 401);
      CHECK(ask("PUT", path, {.who = "stranger"}).status == 403);
      const Got got = ask("PUT", path + "?ignore_errors=True", {.who = "root"});
      CHECK(
          got.failure() ==
          "501 unimplemented: this host has no backup store, and seals anew by `kist keys rewrap` "
          "only");
      CHECK(got.text("detail.0") == "NotImplementedError");
    }
  }

  TEST_CASE_FIXTURE(ApiFixture, "health, metrics and the description need no token") {
    CHECK(ask("GET", "/health", {.who = ""}).body == "\"OK\"");
    CHECK(ask("GET", "/openapi.json", {.who = ""}).text("openapi") == "3.1.0");
    const Got counted = ask("GET", "/metrics", {.who = ""});
    CHECK(counted.status == 200);
    CHECK(counted.content_type == "text/plain; version=0.0.4; charset=utf-8");
  }
}

}  // namespace
}  // namespace kist::api::testing
