// SPDX-License-Identifier: Apache-2.0
// AT-55: another configuration while requests are served.
#include <signal.h>

#include <atomic>
#include <filesystem>
#include <sstream>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include "certificates.hpp"
#include "server_place.hpp"
#include "traffic.hpp"

using namespace kist::testing;

namespace {

namespace fs = std::filesystem;

constexpr const char* kSecrets = "/api/v1/secrets";
constexpr int kReloads = kMeasuresMemory ? 1'000 : 100;

void reload(const RunningServer& server) {
  server.place.apply();
  server.process->send(SIGHUP);
  CHECK(server.process->wait_for_one_of("reloaded", "reload refused") == "reloaded");
}

/// Gives why.
std::string refused_reload(const RunningServer& server) {
  server.process->send(SIGHUP);
  return boost::json::serialize(server.process->wait_for("reload refused"));
}

boost::json::object& of_http(ServerPlace& place) { return place.settings["http"].as_object(); }

}  // namespace

TEST_SUITE("server/reload") {
  TEST_CASE(
      "a reload brings new principals, roles and workspaces, and takes those away that are gone") {
    RunningServer server;
    const std::string path = kSecrets + ("/" + server.create("s"));
    const std::string late = server.place.add_token("late", {{"default", "reader"}});
    CHECK(server.ask({.path = path, .token = late}).status == 401);
    Connection open = server.connect();
    CHECK(open.ask({.path = path, .token = server.admin}).status == 200);
    server.place.settings["workspaces"].as_array().push_back("new");
    reload(server);
    CHECK(server.ask({.path = path, .token = late}).status == 200);
    CHECK(server.get("/api/v1/workspaces/new").status == 200);
    // Also on a connection from before.
    CHECK(open.ask({.path = path, .token = late}).status == 200);
    server.place.settings["principals"].as_array().pop_back();
    reload(server);
    CHECK(open.ask({.path = path, .token = late}).status == 401);
    CHECK(open.ask({.path = path, .token = server.admin}).status == 200);
  }

  TEST_CASE("a reload brings new limits") {
    RunningServer server;
    CHECK(server.ask({.path = "/health?" + std::string(200, 'x')}).status == 200);
    server.place.limit("requests_per_second", 3);
    reload(server);
    Connection connection = server.connect();
    int throttled = 0;
    for (int i = 0; i < 30; ++i)
      throttled += connection.ask({.path = kSecrets, .token = server.admin}).status == 429 ? 1 : 0;
    CHECK(throttled > 0);
  }

  TEST_CASE("AT-55: a bad configuration leaves the old one serving, and the log says why") {
    const RunningServer server;
    const std::string path = kSecrets + ("/" + server.create("s"));
    const struct {
      const char *json, *reason;
    } cases[] = {
        {"{", "kist.json"},
        {"", "kist.json"},
        {R"({"secrets_store": {"type": "no_such_type"}})", "no_such_type"},
        {R"({"secrets_store": {"type": "sqlite"}, "nonsense": 1})", "nonsense"},
        {R"({"secrets_store": {"type": "sqlite", "path": "/no/such/directory/s.db"}})",
         "/no/such/directory"},
        {R"({"secrets_store": {"type": "sqlite", "path": "secrets.db"}, "principals": [
             {"name": "x", "token_hash": "nonsense", "roles": {"*": "admin"}}]})",
         "token"},
        {R"({"secrets_store": {"type": "sqlite", "path": "secrets.db"}, "http": {"listen": ["127.0.0.1:0"],
             "tls": {"certificate": "absent.pem", "key": "absent.key"}}})",
         "absent"},
    };
    for (const auto& [json, reason] : cases) {
      const std::string text(json);
      CAPTURE(text);
      server.place.configure(json);
      const std::string why = refused_reload(server);
      CHECK(why.find(reason) != std::string::npos);
      CHECK(server.get(path).status == 200);
      CHECK(server.ask({.path = "/ready"}).status == 200);
    }
    fs::remove(server.place.path() / "kist.json");
    CHECK(refused_reload(server).find("kist.json") != std::string::npos);
    CHECK(server.get(path).status == 200);
  }

  TEST_CASE("AT-55: a reload refuses what a new start would refuse") {
    RunningServer server;
    of_http(server.place)["listen"] = boost::json::array{"127.0.0.1:99999"};
    server.place.apply();
    CHECK(refused_reload(server).find("'99999' is no port") != std::string::npos);
    of_http(server.place)["listen"] = boost::json::array{"0.0.0.0:1"};
    server.place.apply();
    CHECK(refused_reload(server).find("other machines reach 0.0.0.0:1") != std::string::npos);
    CHECK(server.ask({.path = "/ready"}).status == 200);
  }

  TEST_CASE("AT-55: a server that other machines reach does not leave off TLS") {
    fs::path trusted;
    Authority authority("One");
    const RunningServer server([&](ServerPlace& place) {
      trusted = authority.write(place.path() / "one.pem");
      const CertificateFiles files =
          authority.issue(place.path(), "server", {.common_name = "kist", .address = "127.0.0.1"});
      of_http(place)["listen"] = boost::json::array{"0.0.0.0:0"};
      place.http("tls") = {{"certificate", files.certificate.native()},
                           {"key", files.key.native()}};
    });
    server.place.configure(R"({"secrets_store": {"type": "sqlite", "path": "secrets.db"},
                               "http": {"listen": ["127.0.0.1:0"]}})");
    CHECK(refused_reload(server).find("other machines reach 0.0.0.0:") != std::string::npos);
    const TlsContext context({.authority = trusted, .certificate = {}, .key = {}});
    Connection connection(
        std::make_unique<TlsStream>(connect_tcp(server.process->port()), context));
    CHECK(connection.ask({.path = "/health"}).status == 200);
  }

  TEST_CASE("what waits for a new start is told at each reload, until it is as it was") {
    RunningServer server;
    const auto waiting = [&] {
      const std::size_t before = server.process->log().size();
      reload(server);
      std::istringstream lines(server.process->log().substr(before));
      std::string keys;
      for (std::string line; std::getline(lines, line);) {
        const boost::json::value said = boost::json::parse(line);
        if (text_of(said.at("message")).starts_with("a change waits"))
          keys += text_of(said.at("key")) + " ";
      }
      return keys;
    };
    CHECK(waiting().empty());
    of_http(server.place)["threads"] = 3;
    server.place.settings["log"].emplace_object()["format"] = "text";
    server.place.settings["audit"].emplace_object()["deadline_ms"] = 1'000;
    CHECK(waiting() == "http.threads audit.deadline_ms log.format ");
    CHECK(waiting() == "http.threads audit.deadline_ms log.format ");
    server.place.settings["log"].as_object().erase("format");
    CHECK(waiting() == "http.threads audit.deadline_ms ");
    of_http(server.place).erase("threads");
    server.place.settings["audit"].as_object().erase("deadline_ms");
    CHECK(waiting().empty());
  }

  TEST_CASE(
      "AT-55: a thousand reloads under load, good and bad ones, lose no request and leak nothing") {
    RunningServer server;
    const std::string path = kSecrets + ("/" + server.create("s"));
    std::atomic<int> wrong{0};
    Traffic traffic(2, [&](std::size_t thread, std::uint64_t turn) {
      thread_local Connection connection = server.connect();
      const Ask ask = thread == 0
                          ? Ask{.method = "PUT",
                                .path = path,
                                .body = R"({"values": {"k": ")" + std::to_string(turn) + "\"}}",
                                .token = server.admin}
                          : Ask{.path = path, .token = server.admin};
      wrong += connection.ask(ask).status == 200 ? 0 : 1;
      return true;
    });
    const auto reload_often = [&](int times) {
      for (int i = 0; i < times; ++i) {
        if (i % 3 == 0)
          server.place.configure("{\"secrets_store\": {\"type\": \"no_such_type\"}}");
        else
          server.place.apply();
        server.process->send(SIGHUP);
        const std::string said = server.process->wait_for_one_of("reloaded", "reload refused");
        CHECK(said == (i % 3 == 0 ? "reload refused" : "reloaded"));
      }
    };
    reload_often(kReloads / 5);
    const std::size_t descriptors = server.process->descriptors(),
                      threads = server.process->threads();
    const std::size_t rss = server.process->rss_bytes();
    reload_often(kReloads - kReloads / 5);
    CHECK(server.process->descriptors() <= descriptors + 8);
    CHECK(server.process->threads() <= threads + 4);
    if (kMeasuresMemory) CHECK(server.process->rss_bytes() < rss + (4U << 20));
    traffic.stop();
    CHECK(wrong == 0);
    CHECK(traffic.broken() == 0);
    CHECK(traffic.turns() > 100);
    CHECK(server.process->stop() == 0);
  }

  TEST_CASE(
      "AT-55: a certificate that is changed while others shake hands is the old one or the new "
      "one") {
    fs::path trusted, first_only, second_only;
    Authority one("One"), two("Two");
    RunningServer server([&](ServerPlace& place) {
      first_only = one.write(place.path() / "one.pem");
      second_only = two.write(place.path() / "two.pem");
      trusted = place.write("both.pem", read_file(first_only) + read_file(second_only));
      const CertificateFiles files =
          one.issue(place.path(), "server", {.common_name = "kist", .address = "127.0.0.1"});
      place.http("tls") = {{"certificate", files.certificate.native()},
                           {"key", files.key.native()}};
    });
    const fs::path& directory = server.place.path();
    const TlsContext both({.authority = trusted, .certificate = {}, .key = {}});
    const TlsContext new_only({.authority = second_only, .certificate = {}, .key = {}});
    const auto shakes = [&](const TlsContext& context) {
      Connection connection(
          std::make_unique<TlsStream>(connect_tcp(server.process->port()), context));
      return connection.ask({.path = "/health"}).status == 200;
    };
    CHECK_THROWS_AS(shakes(new_only), NoAnswer);
    Traffic traffic(3, [&](std::size_t, std::uint64_t) { return shakes(both); });
    for (int i = 0; i < 40; ++i) {
      const Authority& issuer = i % 2 == 0 ? two : one;
      static_cast<void>(
          issuer.issue(directory, "server", {.common_name = "kist", .address = "127.0.0.1"}));
      server.process->send(SIGHUP);
      CHECK(server.process->wait_for_one_of("reloaded", "reload refused") == "reloaded");
      if (i % 2 == 0) CHECK(shakes(new_only));
    }
    traffic.stop();
    CHECK(traffic.broken() == 0);
    CHECK(traffic.turns() > 40);
  }
}
