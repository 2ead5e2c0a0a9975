// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "api/routes.hpp"
#include "api_fixture.hpp"

namespace kist::api::testing {
namespace {

const std::string kSecrets = "/api/v1/secrets";
const std::string kNobodysId = "00000000-0000-0000-0000-0000000000ff";

struct AuditedFixture : ApiFixture {
  AuditedFixture() : ApiFixture(true) {}

  /// What `kist audit tail --action` takes is what stands in records.
  void check_actions() const {
    const std::vector<std::string_view> actions = audited_actions();
    for (const auto& record : records())
      CHECK(std::ranges::count(actions, std::string_view(record.at("action").as_string())) == 1);
  }

  /// The log can write nothing any more: its file is a directory.
  void break_log() {
    std::filesystem::remove(temporary.path() / "audit.jsonl");
    std::filesystem::create_directory(temporary.path() / "audit.jsonl");
    audit->reopen();
    REQUIRE(audit->problem());
  }
};

TEST_SUITE("host/api audit") {
  TEST_CASE_FIXTURE(AuditedFixture, "each request leaves one record: who, what, which, what came") {
    const Got made = create("db");
    const std::string id = made.text("id");
    CHECK(last_record() == "alice secret.create " + id + " db 200 ok");
    ask("GET", path_of(made), {.who = "reader"});
    CHECK(last_record() == "reader secret.get " + id + " db 200 ok");
    ask("HEAD", path_of(made));
    CHECK(last_record() == "alice secret.get " + id + " db 200 ok");
    ask("GET", kSecrets);
    CHECK(last_record() == "alice secret.list - - 200 ok");
    ask("PUT", path_of(made), {.body = R"({"name": "db2"})"});
    CHECK(last_record() == "alice secret.update " + id + " db2 200 ok");
    ask("DELETE", path_of(made));
    CHECK(last_record() == "alice secret.delete " + id + " - 200 ok");
    ask("GET", path_of(made));
    CHECK(last_record() == "alice secret.get " + id + " - 404 not_found");
    for (const auto& [path, action] :
         {std::pair("info", "host.info"), std::pair("version", "host.version"),
          std::pair("current-user", "principal.get"), std::pair("workspaces", "workspace.list"),
          std::pair("workspaces/default", "workspace.get"), std::pair("store", "store.describe"),
          std::pair("plugins", "plugin.list")}) {
      ask("GET", "/api/v1/" + std::string(path), {.who = "root"});
      CHECK(last_record() == "root " + std::string(action) + " - - 200 ok");
    }
    CHECK(records().size() == 14);
    check_actions();
  }

  TEST_CASE_FIXTURE(AuditedFixture, "AT-43: denied, malformed, throttled and unknown ones, too") {
    ask("GET", kSecrets + "/" + kNobodysId, {.who = ""});
    CHECK(last_record() ==
          "- secret.get 00000000-0000-0000-0000-0000000000ff - 401 unauthenticated");
    ask("GET", kSecrets, {.authorization = "Bearer canary"});
    CHECK(last_record() == "- secret.list - - 401 unauthenticated");
    ask("POST", kSecrets,
        {.who = "reader", .body = R"({"name": "db", "id": ")" + kNobodysId + "\"}"});
    CHECK(last_record() == "reader secret.create " + kNobodysId + " db 403 permission_denied");
    ask("GET", "/api/v1/store");
    CHECK(last_record() == "alice store.describe - - 403 permission_denied");
    ask("PUT", "/api/v1/secrets_operations/backup", {.who = "root"});
    CHECK(last_record() == "root store.backup - - 501 unimplemented");
    ask("GET", kSecrets + "/%2e%2e");
    CHECK(last_record() == "alice request.malformed - - 400 invalid_argument");
    ask("GET", "/nothing");
    CHECK(last_record() == "alice request.unknown - - 404 not_found");
    ask("PATCH", kSecrets);
    CHECK(last_record() == "alice request.unknown - - 405 invalid_argument");
    ask("POST", kSecrets, {.body = "{\"name\": canary"});
    CHECK(last_record() == "alice secret.create - - 422 invalid_argument");
    ask("POST", kSecrets, {.body = "{}", .content_type = "text/plain"});
    CHECK(last_record() == "alice secret.create - - 415 invalid_argument");
    refused(431, "too long", {.who = "bob"});
    CHECK(last_record() == "bob request.malformed - - 431 resource_exhausted");
    refused(400, "no request", {.who = ""});
    CHECK(last_record() == "- request.malformed - - 400 invalid_argument");
    generations.now->http_limits.requests_per_second = 1;
    ask("GET", kSecrets);
    ask("GET", kSecrets);
    CHECK(last_record() == "alice secret.list - - 429 resource_exhausted");
    for (const auto& record : records()) {
      CHECK(record.at("peer").as_string() == "127.0.0.1:51234");
      CHECK(record.at("request_id").as_string().starts_with("request-"));
    }
    check_actions();
    CHECK(core::testing::text_of(temporary.path() / "audit.jsonl").find("canary") ==
          std::string::npos);
  }

  TEST_CASE_FIXTURE(AuditedFixture, "AT-43: what watches over the host leaves none") {
    for (const char* const path : {"/health", "/ready", "/metrics", "/openapi.json"}) {
      CHECK(ask("GET", path, {.who = ""}).status == 200);
      CHECK(ask("HEAD", path).status == 200);
    }
    CHECK(records().empty());
    ask("POST", "/health");
    CHECK(last_record() == "alice request.unknown - - 405 invalid_argument");
  }

  TEST_CASE_FIXTURE(AuditedFixture, "AT-02: the name that is audited is the one that is stored") {
    for (const std::string name : {"../x", "a%2Fb", "A;b", "e\u0301"}) {
      const Got made = create(name);
      CHECK(memory.map.records.at(*Uuid::parse(made.text("id"))).name == name);
      CHECK(records().back().at("secret_name").as_string() == name);
    }
  }

  TEST_CASE_FIXTURE(AuditedFixture,
                    "AT-42: a name that was asked for cannot fill or forge a line") {
    ask("POST", kSecrets, {.body = R"({"name": "a\n{\"sequence\":1}"})"});
    CHECK(records().size() == 1);
    ask("POST", kSecrets, {.body = R"({"name": ")" + std::string(500'000, 'x') + "\"}"});
    CHECK(records().size() == 2);
    CHECK(records().back().at("secret_name").as_string().size() < 1100);
  }

  TEST_CASE_FIXTURE(AuditedFixture, "AT-40: without a log nothing is done, and the host says so") {
    const std::string path = path_of(create("db"));
    CHECK(ask("GET", "/ready").status == 200);
    break_log();
    const std::size_t calls = memory.calls.size();
    for (const char* const who : {"alice", ""}) {
      const Got got = ask("GET", path, {.who = who});
      CHECK(got.failure() == "503 unavailable: the audit log cannot be written");
      CHECK(got.header("Retry-After") == "1");
      CHECK(got.header("ETag") == "");
    }
    CHECK(ask("POST", kSecrets, {.body = R"({"name": "x"})"}).status == 503);
    CHECK(ask("DELETE", path).status == 503);
    CHECK(ask("GET", "/nothing").status == 503);
    CHECK(ask("GET", "/..").status == 503);
    CHECK(refused(431, "too long").status == 503);
    CHECK(memory.calls.size() == calls);
    CHECK(ask("GET", "/health").status == 200);
    CHECK(ask("GET", "/metrics").status == 200);
    CHECK(ask("GET", "/ready").text("reasons.0") == "the audit log cannot be written");
  }

  TEST_CASE_FIXTURE(AuditedFixture, "AT-40: a secret that was read, and not audited, stays here") {
    const std::string path = path_of(create("db"));
    store.fails = [this] { break_log(); };
    const Got got = ask("GET", path);
    CHECK(got.failure() == "503 unavailable: the audit log cannot be written");
    CHECK(got.body.find("hunter2") == std::string::npos);
    CHECK(got.header("ETag") == "");
  }

  TEST_CASE_FIXTURE(AuditedFixture, "AT-40: a write that was made, and not audited, is unknown") {
    const std::string path = path_of(create("db"));
    const std::string unknown =
        "504 indeterminate: it is not known what became of this write: the audit log cannot be "
        "written";
    store.fails = [this] { break_log(); };
    const Got made = ask("POST", kSecrets, {.body = R"({"name": "b", "values": {"k": "canary"}})"});
    CHECK(made.failure() == unknown);
    CHECK(made.text("outcome") == "unknown");
    CHECK(made.body.find("canary") == std::string::npos);
    CHECK(memory.map.records.size() == 2);
  }

  TEST_CASE_FIXTURE(AuditedFixture,
                    "AT-40: so are an update, a delete and what the store does not know") {
    const std::string path = path_of(create("db"));
    SUBCASE("update") {
      store.fails = [this] { break_log(); };
      CHECK(ask("PUT", path, {.body = R"({"values": {}})"}).status == 504);
    }
    SUBCASE("delete") {
      store.fails = [this] { break_log(); };
      CHECK(ask("DELETE", path).status == 504);
      CHECK(memory.map.records.empty());
    }
    SUBCASE("indeterminate") {
      store.fails = [this] {
        break_log();
        throw Error(ErrorCode::indeterminate, "acme: the reply was lost");
      };
      CHECK(ask("PUT", path, {.body = R"({"values": {}})"}).text("code") == "indeterminate");
    }
    SUBCASE("refused by the store") {
      store.fails = [this] {
        break_log();
        throw Error(ErrorCode::conflict, "acme: no");
      };
      CHECK(ask("PUT", path, {.body = R"({"values": {}})"}).status == 503);
    }
  }

  TEST_CASE_FIXTURE(AuditedFixture, "the metrics count records and failures") {
    create("db");
    const auto says = [&](const std::string& line) {
      return ask("GET", "/metrics").body.find("\n" + line + "\n") != std::string::npos;
    };
    CHECK(says("kist_audit_records_total 1"));
    CHECK(says("kist_audit_failures_total 0"));
    CHECK(says("kist_audit_writable 1"));
    break_log();
    for (int failures = 1; failures <= 3; ++failures) {
      CHECK(ask("GET", kSecrets).status == 503);
      CHECK(says("kist_audit_failures_total " + std::to_string(failures)));
      CHECK(says("kist_audit_writable 0"));
    }
  }
}

}  // namespace
}  // namespace kist::api::testing
