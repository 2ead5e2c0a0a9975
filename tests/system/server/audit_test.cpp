// SPDX-License-Identifier: Apache-2.0
// What is written down of each request, before it is answered.
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <map>
#include <string>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include "server_place.hpp"
#include "small_disk.hpp"

using namespace kist::testing;

namespace {

namespace fs = std::filesystem;

constexpr const char* kSecrets = "/api/v1/secrets";
constexpr const char* kAbsent = "/api/v1/secrets/3f0c0000-0000-4000-8000-000000000001";

/// The record of the request that was answered so; fails if there is not exactly one.
boost::json::object record_of(const RunningServer& server, const Answer& answer) {
  boost::json::object found;
  int count = 0;
  for (boost::json::object& record : server.place.audit_records()) {
    if (record.at("request_id") != boost::json::value(answer.header("X-Request-Id").value()))
      continue;
    found = std::move(record);
    ++count;
  }
  CHECK(count == 1);
  return found;
}

}  // namespace

TEST_SUITE("server/audit") {
  TEST_CASE(
      "AT-43: every request that asks for something of somebody has its record, before its "
      "answer") {
    std::string lister;
    const RunningServer server([&](ServerPlace& place) {
      lister = place.add_token("lister", {{"default", "lister"}});
    });
    const std::string id = server.create("s"), path = kSecrets + ("/" + id);
    const struct {
      Ask ask;
      boost::json::value principal;
      const char *action, *result;
      bool has_id;
    } cases[] = {
        {{.method = "POST", .path = kSecrets, .body = secret_json("t"), .token = server.admin},
         "admin",
         "secret.create",
         "ok",
         true},
        {{.method = "POST", .path = kSecrets, .body = secret_json("s"), .token = server.admin},
         "admin",
         "secret.create",
         "already_exists",
         false},
        {{.method = "POST", .path = kSecrets, .body = "{", .token = server.admin},
         "admin",
         "secret.create",
         "invalid_argument",
         false},
        {{.method = "POST", .path = kSecrets, .body = secret_json("u"), .token = lister},
         "lister",
         "secret.create",
         "permission_denied",
         false},
        {{.path = path, .token = lister}, "lister", "secret.get_metadata", "ok", true},
        {{.path = path, .token = "nobody's"}, nullptr, "secret.get", "unauthenticated", true},
        {{.path = path}, nullptr, "secret.get", "unauthenticated", true},
        {{.path = path,
          .headers = {{"Authorization", "Bearer " + lister},
                      {"Authorization", "Bearer " + server.admin}}},
         nullptr,
         "request.malformed",
         "invalid_argument",
         false},
        {{.path = kAbsent, .token = server.admin}, "admin", "secret.get", "not_found", true},
        {{.path = kSecrets, .token = lister}, "lister", "secret.list", "ok", false},
        {{.path = kSecrets + std::string("?size=0"), .token = lister},
         "lister",
         "secret.list",
         "invalid_argument",
         false},
        {{.method = "PUT", .path = path, .body = R"({"name": "v"})", .token = lister},
         "lister",
         "secret.update",
         "permission_denied",
         true},
        {{.method = "PUT",
          .path = path,
          .body = R"({"name": "v"})",
          .headers = {{"If-Match", "\"9\""}},
          .token = server.admin},
         "admin",
         "secret.update",
         "conflict",
         true},
        {{.method = "DELETE", .path = path, .token = server.admin},
         "admin",
         "secret.delete",
         "ok",
         true},
    };
    for (const auto& [ask, principal, action, result, has_id] : cases) {
      const std::string asked = ask.method + " " + ask.path;
      CAPTURE(asked);
      const Answer answer = server.ask(ask);
      const boost::json::object record = record_of(server, answer);
      CHECK(record.at("principal") == principal);
      CHECK(record.at("action") == action);
      CHECK(record.at("result") == result);
      CHECK(record.at("status") == answer.status);
      CHECK(text_of(record.at("peer")).starts_with("127.0.0.1:"));
      CHECK(record.at("secret_id").is_null() != has_id);
    }
    CHECK(server.place.kist({"audit", "verify"}).exit_code == 0);
  }

  TEST_CASE(
      "AT-43: what is no request of this server is written down too, but not who asks for health") {
    const RunningServer server;
    Connection odd = server.connect();
    odd.send("GET /x HTTP/1.1\r\nHost : x\r\n\r\n");
    CHECK(record_of(server, odd.answer()).at("status") == 400);
    for (const Ask& ask : {Ask{.path = "/api/v1/no/such", .token = server.admin},
                           Ask{.method = "PATCH", .path = kSecrets, .token = server.admin},
                           Ask{.path = kSecrets + std::string("/../x"), .token = server.admin}}) {
      const Answer answer = server.ask(ask);
      CAPTURE(ask.path);
      CHECK(record_of(server, answer).at("status") == answer.status);
    }
    const std::size_t before = server.place.audit_records().size();
    for (const char* const path : {"/health", "/ready", "/metrics", "/openapi.json"})
      server.ask({.path = path});
    CHECK(server.place.audit_records().size() == before);
  }

  TEST_CASE(
      "AT-42: names, headers and paths cannot write lines or control characters of their own") {
    const RunningServer server;
    using namespace std::string_literals;
    const std::string evil = "a\\u001b[31mb\",\"x\":\"\\u2028\\u009b\\u202e";
    server.post(kSecrets, "{\"name\": \"" + evil + "\", \"values\": {}}");
    server.post(kSecrets, R"({"name": "q\",\"principal\":\"root", "values": {}})");
    server.get(kSecrets + "/%0a%0d%1b[31m"s);
    server.get("/api/v1/workspaces/%22%2C%0a%1b"s);
    server.get(kSecrets + "?name=in:%0a%1b%22"s);
    server.ask(
        {.path = kSecrets, .headers = {{"User-Agent", "\x9b\"},{"}, {"X-Request-Id", "\"}"}}});
    const std::string audit = read_file(server.place.audit_file()), log = server.process->log();
    for (const std::string& text : {audit, log}) {
      CHECK(text.find('\x1b') == std::string::npos);
      CHECK(text.find("\xe2\x80\xa8") == std::string::npos);
      CHECK(text.find("\xc2\x9b") == std::string::npos);
      CHECK(text.find("\"principal\":\"root\"") == std::string::npos);
    }
    CHECK(server.place.audit_records().size() >= 6);
    CHECK(server.place.kist({"audit", "verify"}).exit_code == 0);
  }

  TEST_CASE("AT-38: what the server makes is for its owner alone") {
    const RunningServer server;
    server.create("s");
    for (const auto& entry : fs::directory_iterator(server.place.path())) {
      struct stat status {};
      REQUIRE(::stat(entry.path().c_str(), &status) == 0);
      CAPTURE(entry.path());
      const bool is_public = entry.path().native().ends_with(".pub.pem");
      CHECK((status.st_mode & 077) == (is_public ? 044 : 0));
    }
  }

  TEST_CASE("AT-38: an audit log that others can read is refused at start") {
    RunningServer server;
    server.create("s");
    CHECK(server.process->stop() == 0);
    fs::permissions(server.place.audit_file(), fs::perms::others_read, fs::perm_options::add);
    const Ended ended = server.place.kist({"serve"});
    CHECK(ended.exit_code == 6);
    CHECK(ended.err.find("kist-audit.jsonl") != std::string::npos);
  }

  TEST_CASE(
      "AT-40: on a full disk requests fail with 503 and change nothing, and go on when there is "
      "room") {
    if (!may_mount()) {
      MESSAGE("only root can mount a small disk; not run");
      return;
    }
    const ServerPlace outside;
    const SmallDisk disk(outside.path() / "disk", "1m");
    if (!disk.is_mounted()) return;
    const RunningServer server([&](ServerPlace& place) {
      place.settings["audit"] = {{"file", (disk.path() / "audit.jsonl").native()}};
    });
    server.create("before");
    CHECK(server.ask({.path = "/ready"}).status == 200);
    disk.fill();
    // What was left in the file's last block may still be used.
    Answer answer = server.get(kSecrets);
    for (int i = 0; i < 100 && answer.status == 200; ++i) answer = server.get(kSecrets);
    CHECK(answer.status == 503);
    CHECK(answer.code() == "unavailable");
    CHECK(answer.body.find("before") == std::string::npos);
    const Answer refused = server.post(kSecrets, secret_json("during"));
    CHECK(refused.status == 503);
    const Answer ready = server.ask({.path = "/ready"});
    CHECK(ready.status == 503);
    CHECK(ready.body.find("audit") != std::string::npos);
    CHECK(server.ask({.path = "/health"}).status == 200);
    disk.empty();
    CHECK(eventually([&] { return server.ask({.path = "/ready"}).status == 200; }));
    CHECK(server.get(kSecrets).status == 200);
    server.create("after");
    CHECK(server.place.kist({"audit", "verify"}).exit_code == 0);
  }

  TEST_CASE(
      "AT-40: a log that was taken away is noticed, and made anew when the operator says so") {
    const RunningServer server;
    server.create("s");
    const fs::path away = server.place.path() / "taken";
    fs::rename(server.place.audit_file(), away);
    CHECK(eventually([&] { return server.get(kSecrets).status == 503; }));
    const Answer ready = server.ask({.path = "/ready"});
    CHECK(ready.status == 503);
    CHECK(ready.body.find("audit") != std::string::npos);
    server.process->send(SIGHUP);
    CHECK(eventually([&] { return server.get(kSecrets).status == 200; }));
    CHECK(server.ask({.path = "/ready"}).status == 200);
    // Those from before are where they were moved to.
    const Ended verified =
        server.place.kist({"audit", "verify", away.native(), server.place.audit_file().native()});
    INFO(verified.err);
    CHECK(verified.exit_code == 0);
  }

  TEST_CASE("AT-41: while one server writes a log, no other starts on it") {
    const RunningServer server;
    server.create("s");
    const Ended ended = server.place.kist({"serve"});
    CHECK(ended.exit_code == 6);
    CHECK(server.get(kSecrets).status == 200);
  }

  TEST_CASE("AT-41: a changed line is named, and a torn last one is not called forged") {
    RunningServer server;
    for (int i = 0; i < 5; ++i) server.create("s" + std::to_string(i));
    CHECK(server.process->stop() == 0);
    const std::string good = read_file(server.place.audit_file());
    CHECK(server.place.kist({"audit", "verify"}).exit_code == 0);
    std::string changed = good;
    changed.replace(changed.find("\"s2\""), 4, "\"x2\"");
    server.place.write("kist-audit.jsonl", changed);
    CHECK(server.place.kist({"audit", "verify"}).exit_code == 9);
    server.place.write("kist-audit.jsonl", good + good.substr(0, 30));
    server.restart();
    server.create("later");
    CHECK(server.place.kist({"audit", "verify"}).exit_code == 0);
  }
}
