// SPDX-License-Identifier: Apache-2.0
// Each code of the table of errors, and the one shape of them all.
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <doctest/doctest.h>

#include "server_place.hpp"

using namespace kist::testing;

namespace {

constexpr const char* kSecrets = "/api/v1/secrets";
constexpr const char* kAbsent = "/api/v1/secrets/3f0c0000-0000-4000-8000-000000000001";

void check_shape(const Answer& answer) {
  INFO(answer.body);
  CHECK(answer.header("Content-Type") == "application/json");
  CHECK(answer.header("Cache-Control") == "no-store");
  const boost::json::value error = answer.json();
  REQUIRE(error.at("detail").as_array().size() == 2);
  CHECK(error.at("detail").at(0).is_string());
  CHECK(!error.at("detail").at(1).as_string().empty());
  CHECK(error.at("request_id") == boost::json::value(answer.header("X-Request-Id").value()));
  CHECK(error.as_object().contains("fields") == (answer.status == 422));
}

void use_mood(ServerPlace& place) {
  place.settings["plugins"] = {
      {"directories", boost::json::array{KIST_TEST_PLUGINS + std::string("/mood")}}};
  place.settings["secrets_store"] = {{"type", "custom"}, {"class_path", "mood.so"}};
  place.settings["sealing"] = {{"enabled", false}};
}

}  // namespace

TEST_SUITE("server/errors") {
  TEST_CASE("each error of a request has its code, its status and ZenML's name") {
    std::string lister;
    const RunningServer server([&](ServerPlace& place) {
      lister = place.add_token("lister", {{"default", "lister"}});
    });
    const std::string path = "/api/v1/secrets/" + server.create("taken");
    const std::string long_value(70'000, 'x');
    const struct {
      Ask ask;
      int status;
      const char *code, *name;
    } cases[] = {
        {{.path = kAbsent}, 401, "unauthenticated", "AuthorizationException"},
        {{.path = kAbsent, .token = "nonsense"}, 401, "unauthenticated", "AuthorizationException"},
        {{.path = kAbsent, .token = server.admin}, 404, "not_found", "KeyError"},
        {{.path = "/no/such/thing", .token = server.admin}, 404, "not_found", "KeyError"},
        {{.method = "DELETE", .path = path, .token = lister},
         403,
         "permission_denied",
         "IllegalOperationError"},
        {{.method = "POST", .path = kSecrets, .body = secret_json("taken"), .token = server.admin},
         409,
         "already_exists",
         "EntityExistsError"},
        {{.method = "PUT",
          .path = path,
          .body = R"({"name": "t"})",
          .headers = {{"If-Match", "\"7\""}},
          .token = server.admin},
         412,
         "conflict",
         "ConflictError"},
        {{.method = "POST", .path = kSecrets, .body = secret_json(" s"), .token = server.admin},
         400,
         "invalid_argument",
         "ValueError"},
        {{.path = kSecrets + std::string("?page=9"), .token = server.admin},
         400,
         "invalid_argument",
         "ValueError"},
        {{.path = kSecrets + std::string("?created=gt:soon"), .token = server.admin},
         422,
         "invalid_argument",
         "ValueError"},
        {{.method = "POST", .path = kSecrets, .body = R"({"name": 1})", .token = server.admin},
         422,
         "invalid_argument",
         "ValueError"},
        {{.method = "POST",
          .path = kSecrets,
          .body = secret_json("l", R"(, "values": {"k": ")" + long_value + "\"}"),
          .token = server.admin},
         413,
         "resource_exhausted",
         "RuntimeError"},
    };
    for (const auto& [ask, status, code, name] : cases) {
      const Answer answer = server.ask(ask);
      const std::string asked = ask.path;
      CAPTURE(asked);
      check_shape(answer);
      CHECK(answer.status == status);
      CHECK(answer.code() == code);
      CHECK(answer.json().at("detail").at(0) == name);
    }
    CHECK(server.ask({.path = kAbsent}).header("WWW-Authenticate")->starts_with("Bearer"));
  }

  TEST_CASE("each code that a store may give arrives as what it is") {
    const RunningServer server(use_mood);
    const struct {
      const char* secret;
      int status;
      const char *code, *name;
    } cases[] = {
        {"already_exists", 409, "already_exists", "EntityExistsError"},
        {"failed_precondition", 409, "failed_precondition", "IllegalOperationError"},
        {"invalid_argument", 400, "invalid_argument", "ValueError"},
        {"store_denied", 502, "store_denied", "RuntimeError"},
        {"resource_exhausted", 507, "resource_exhausted", "RuntimeError"},
        {"resource_exhausted later", 429, "resource_exhausted", "RuntimeError"},
        {"unavailable", 503, "unavailable", "RuntimeError"},
        {"unavailable later", 503, "unavailable", "RuntimeError"},
        {"deadline_exceeded", 504, "deadline_exceeded", "RuntimeError"},
        {"indeterminate", 504, "indeterminate", "RuntimeError"},
        {"corrupt", 500, "corrupt", "RuntimeError"},
        {"unimplemented", 501, "unimplemented", "NotImplementedError"},
        {"internal", 500, "internal", "RuntimeError"},
    };
    for (const auto& [secret, status, code, name] : cases) {
      const std::string of(secret);
      CAPTURE(of);
      const Answer answer = server.post(kSecrets, secret_json(secret));
      check_shape(answer);
      CHECK(answer.status == status);
      CHECK(answer.code() == code);
      CHECK(answer.json().at("detail").at(0) == name);
      if (status == 503 || status == 429) CHECK(answer.header("Retry-After"));
      if (std::string(secret).ends_with("later")) CHECK(answer.header("Retry-After") == "2");
      CHECK(answer.json().as_object().contains("outcome") == (answer.code() == "indeterminate"));
    }
    CHECK(server.post(kSecrets, secret_json("in a good mood")).status == 200);
  }

  TEST_CASE("without a store every request for a secret is unimplemented, and the server is well") {
    const RunningServer server([](ServerPlace& place) {
      place.settings["secrets_store"] = {{"type", "none"}};
      place.settings["audit"] = {{"enabled", false}};
    });
    for (const Answer& answer : {server.get(kAbsent), server.post(kSecrets, secret_json("s"))}) {
      CHECK(answer.status == 501);
      CHECK(answer.code() == "unimplemented");
    }
    CHECK(server.ask({.path = "/health"}).status == 200);
  }

  TEST_CASE("ST-18: no error repeats a value or a token") {
    const RunningServer server;
    const std::string canary = "CANARY-4d1f";
    const std::string path = "/api/v1/secrets/" + server.create("taken");
    const Ask cases[] = {
        {.path = path, .token = canary},
        {.path = path, .headers = {{"Authorization", canary}}},
        {.path = path, .headers = {{"Authorization", "Basic " + canary}}},
        {.method = "POST",
         .path = kSecrets,
         .body = secret_json("taken", R"(, "values": {"k": ")" + canary + "\"}"),
         .token = server.admin},
        {.method = "POST",
         .path = kSecrets,
         .body = secret_json("s", R"(, "values": {"k": [")" + canary + "\"]}"),
         .token = server.admin},
        {.method = "POST",
         .path = kSecrets,
         .body = secret_json("s", R"(, "values": ")" + canary + "\""),
         .token = server.admin},
        {.method = "POST",
         .path = kSecrets,
         .body = R"({"name": "s", "values": {"k": ")" + canary,
         .token = server.admin},
        {.method = "PUT",
         .path = path,
         .body = R"({"scope": 1, "values": {"k": ")" + canary + "\"}}",
         .token = server.admin},
    };
    for (const Ask& ask : cases) {
      const Answer answer = server.ask(ask);
      INFO(answer.body);
      CHECK(answer.status >= 400);
      CHECK(answer.body.find(canary) == std::string::npos);
      for (const auto& [name, value] : answer.headers)
        CHECK(value.find(canary) == std::string::npos);
    }
    CHECK(server.process->log().find(canary) == std::string::npos);
    CHECK(read_file(server.place.audit_file()).find(canary) == std::string::npos);
  }
}
