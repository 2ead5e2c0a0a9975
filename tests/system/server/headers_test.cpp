// SPDX-License-Identifier: Apache-2.0
// What a client says of itself, and what browsers and proxies would make of the replies.
#include <string>

#include <boost/json/object.hpp>
#include <doctest/doctest.h>

#include "server_place.hpp"

using namespace kist::testing;

namespace {

constexpr const char* kSecrets = "/api/v1/secrets";

Ask with(const RunningServer& server, const std::string& path, const Headers& headers) {
  return {.path = path, .headers = headers, .token = server.admin};
}

}  // namespace

TEST_SUITE("server/headers") {
  TEST_CASE("AT-17: who asks and from where is not what a header says") {
    const RunningServer server;
    const Headers forged = {{"X-Forwarded-For", "203.0.113.7"},
                            {"Forwarded", "for=203.0.113.7"},
                            {"X-Real-IP", "203.0.113.7"},
                            {"X-Forwarded-Proto", "https"},
                            {"X-Client-Cert", "CN=admin"},
                            {"X-SSL-Client-S-DN", "CN=admin"},
                            {"X-Forwarded-Client-Cert", "Subject=\"CN=admin\""},
                            {"X-Remote-User", "admin"}};
    CHECK(server.ask({.path = kSecrets, .headers = forged}).status == 401);
    CHECK(server.ask(with(server, kSecrets, forged)).status == 200);
    CHECK(read_file(server.place.audit_file()).find("203.0.113.7") == std::string::npos);
    for (const auto& record : server.place.audit_records())
      CHECK(text_of(record.at("peer")).starts_with("127.0.0.1:"));
    Connection proxied = server.connect();
    proxied.send("PROXY TCP4 203.0.113.7 127.0.0.1 5000 80\r\n" + Ask{.path = "/health"}.bytes());
    CHECK(proxied.answer().status >= 400);
    CHECK(proxied.closes());
  }

  TEST_CASE("AT-28: an enormous or odd token is no token") {
    const RunningServer server;
    using namespace std::string_literals;
    const std::string values[] = {"Bearer",
                                  "Bearer ",
                                  "Bearer " + std::string(8'000, 'x'),
                                  "Bearer " + server.admin + "x",
                                  "Bearer " + server.admin.substr(0, server.admin.size() - 1),
                                  "Bearer " + server.admin + " " + server.admin,
                                  "Bearer " + server.admin + "," + server.admin,
                                  "Bearer \"" + server.admin + "\"",
                                  "Basic " + server.admin,
                                  server.admin,
                                  "Bearer \xff\xfe",
                                  "Negotiate"};
    for (const std::string& value : values) {
      CAPTURE(value);
      const Answer answer = server.ask({.path = kSecrets, .headers = {{"Authorization", value}}});
      CHECK((answer.status == 401 || answer.status == 400));
    }
    const Answer twice = server.ask({.path = kSecrets,
                                     .headers = {{"Authorization", "Bearer " + server.admin},
                                                 {"Authorization", "Bearer " + server.admin}}});
    CHECK((twice.status == 401 || twice.status == 400));
    CHECK(server.ask({.path = kSecrets, .headers = {{"authorization", "bearer " + server.admin}}})
              .status == 200);
    CHECK(server.ask({.path = kSecrets + ("?access_token=" + server.admin)}).status == 401);
    CHECK(server.ask({.path = kSecrets, .headers = {{"Cookie", "token=" + server.admin}}}).status ==
          401);
  }

  TEST_CASE("AT-29: no reply is kept, guessed at, or shared with other origins") {
    const RunningServer server;
    const std::string path = kSecrets + ("/" + server.create("s"));
    for (const std::string& asked : {path, std::string(kSecrets), std::string("/api/v1/info")}) {
      CAPTURE(asked);
      for (const std::string& token : {server.admin, std::string()}) {
        const Answer answer = server.ask(
            {.path = asked, .headers = {{"Origin", "https://example.com"}}, .token = token});
        CHECK(answer.header("Cache-Control") == "no-store");
        CHECK(!answer.header("Access-Control-Allow-Origin"));
        CHECK(!answer.header("Set-Cookie"));
        CHECK(!answer.header("Server"));
        CHECK(answer.count("Content-Length") == 1);
      }
    }
    const Answer preflight = server.ask({.method = "OPTIONS",
                                         .path = kSecrets,
                                         .headers = {{"Origin", "https://example.com"},
                                                     {"Access-Control-Request-Method", "POST"}}});
    CHECK(preflight.status >= 400);
    CHECK(!preflight.header("Access-Control-Allow-Origin"));
    // No link of a reply is made from what the client calls us.
    const Answer renamed = [&] {
      Connection connection = server.connect();
      connection.send("GET /api/v1/info HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer " +
                      server.admin + "\r\n\r\n");
      return connection.answer();
    }();
    CHECK(renamed.body.find("evil.example") == std::string::npos);
  }

  TEST_CASE("AT-30: HEAD, OPTIONS, unknown methods and overrides pass no rule") {
    std::string lister;
    const RunningServer server([&](ServerPlace& place) {
      lister = place.add_token("lister", {{"default", "lister"}});
    });
    const std::string path = kSecrets + ("/" + server.create("s"));
    for (const char* const method :
         {"HEAD", "OPTIONS", "PATCH", "PROPFIND", "get", "DELETE ", "X"}) {
      CAPTURE(std::string(method));
      Connection connection = server.connect();
      connection.send(Ask{.method = method, .path = path}.bytes());
      const Answer answer = connection.answer(std::string(method) == "HEAD");
      CHECK(answer.status >= 400);
    }
    const Answer head = server.ask({.method = "HEAD", .path = path, .token = server.admin});
    CHECK((head.status == 200 || head.status == 405));
    for (const char* const header :
         {"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"}) {
      CHECK(server.ask({.path = path, .headers = {{header, "DELETE"}}, .token = server.admin})
                .status == 200);
      CHECK(server
                .ask({.method = "POST",
                      .path = path + "?_method=DELETE",
                      .headers = {{header, "DELETE"}},
                      .token = server.admin})
                .status == 405);
    }
    CHECK(server.ask({.method = "DELETE", .path = path, .token = lister}).status == 403);
    CHECK(server.get(path).status == 200);
    const Answer wrong =
        server.ask({.method = "POST", .path = "/api/v1/info", .token = server.admin});
    CHECK(wrong.status == 405);
    CHECK(wrong.header("Allow"));
  }

  TEST_CASE("AT-32: nothing is compressed, and no compressed body is taken") {
    const RunningServer server;
    const std::string path = kSecrets + ("/" + server.create("s"));
    for (const std::string& asked : {path, std::string("/openapi.json"), std::string("/metrics")}) {
      const Answer answer =
          server.ask(with(server, asked, {{"Accept-Encoding", "gzip, deflate, br, zstd"}}));
      CHECK(answer.status == 200);
      CHECK(!answer.header("Content-Encoding"));
      CHECK(!answer.header("Transfer-Encoding"));
    }
    for (const char* const coding : {"gzip", "deflate", "br", "identity, gzip"}) {
      const Answer answer = server.ask({.method = "POST",
                                        .path = kSecrets,
                                        .body = secret_json("t"),
                                        .headers = {{"Content-Encoding", coding}},
                                        .token = server.admin});
      CAPTURE(std::string(coding));
      CHECK((answer.status == 400 || answer.status == 415));
    }
  }

  TEST_CASE("a body needs a type of JSON, and a client's expectation is met or refused") {
    const RunningServer server;
    const auto create = [&](const std::string& name, const Headers& headers) {
      return server
          .ask({.method = "POST",
                .path = kSecrets,
                .body = secret_json(name),
                .headers = headers,
                .token = server.admin})
          .status;
    };
    CHECK(create("a", {{"Content-Type", "application/json; charset=utf-8"}}) == 200);
    CHECK(create("b", {{"Content-Type", "APPLICATION/JSON"}}) == 200);
    for (const char* const type :
         {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data"}) {
      CAPTURE(std::string(type));
      const int status = create("c", {{"Content-Type", type}});
      CHECK((status == 400 || status == 415));
    }
    CHECK(create("d", {{"Expect", "the-impossible"}}) == 417);
    Connection careful = server.connect();
    const std::string body = secret_json("e");
    careful.send("POST /api/v1/secrets HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                 server.admin +
                 "\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: " +
                 std::to_string(body.size()) + "\r\n\r\n");
    const auto bytes = careful.stream().receive(kPatience);
    REQUIRE(bytes);
    CHECK(bytes->starts_with("HTTP/1.1 100"));
    careful.send(body);
    CHECK(careful.answer().status == 200);
  }

  TEST_CASE("every reply has a request id of its own, whatever the client calls its request") {
    const RunningServer server;
    const Answer one = server.ask({.path = "/health", .headers = {{"X-Request-Id", "mine"}}});
    const Answer two = server.ask({.path = "/health", .headers = {{"X-Request-Id", "mine"}}});
    CHECK(one.header("X-Request-Id").value() != two.header("X-Request-Id").value());
    CHECK(one.header("X-Request-Id") != "mine");
    CHECK(one.header("Date"));
  }
}
