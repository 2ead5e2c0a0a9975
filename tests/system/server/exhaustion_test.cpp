// SPDX-License-Identifier: Apache-2.0
// AT-58: the machine has no more of something, for a while.
#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <doctest/doctest.h>

#include "server_place.hpp"
#include "small_disk.hpp"

using namespace kist::testing;

namespace {

constexpr const char* kSecrets = "/api/v1/secrets";

/// A body of some 60 KB.
std::string large(const std::string& name) {
  return secret_json(name, R"(, "values": {"k": ")" + std::string(60'000, 'v') + "\"}");
}

}  // namespace

TEST_SUITE("server/exhaustion") {
  TEST_CASE(
      "AT-58: without free descriptors those who are connected are served, and others once there "
      "are some" *
      // UndefinedBehaviorSanitizer looks at objects through a pipe, and needs descriptors itself.
      doctest::skip(!kMeasuresMemory)) {
    const RunningServer server;
    const std::string path = kSecrets + ("/" + server.create("s"));
    Connection early = server.connect();
    CHECK(early.ask({.path = path, .token = server.admin}).status == 200);
    const std::size_t held = server.process->descriptors();
    server.process->limit(RLIMIT_NOFILE, held + 4);
    std::vector<Connection> late;
    for (int i = 0; i < 50; ++i) {
      late.push_back(server.connect());
      late.back().send(Ask{.path = "/health"}.bytes());
      CHECK(early.ask({.path = path, .token = server.admin}).status == 200);
    }
    CHECK(!server.process->has_ended());
    server.process->limit(RLIMIT_NOFILE, 1'000);
    for (Connection& connection : late) {
      // Some were told that there is no room, the others are served now.
      const std::string rest = [&] {
        connection.end_sending();
        return connection.rest();
      }();
      CHECK((rest.empty() || rest.starts_with("HTTP/1.1 200") || rest.starts_with("HTTP/1.1 503")));
    }
    CHECK(server.ask({.path = path, .token = server.admin}).status == 200);
  }

  TEST_CASE("AT-58: on a full disk creates fail, reads go on, and nothing is half there") {
    if (!may_mount()) {
      MESSAGE("only root can mount a small disk; not run");
      return;
    }
    const ServerPlace outside;
    const SmallDisk disk(outside.path() / "disk", "4m");
    if (!disk.is_mounted()) return;
    RunningServer server([&](ServerPlace& place) {
      place.settings["secrets_store"] = {{"type", "sqlite"},
                                         {"path", (disk.path() / "secrets.db").native()}};
      place.settings["audit"] = {{"file", (place.path() / "kist-audit.jsonl").native()}};
    });
    std::vector<std::string> ids;
    Answer answer;
    for (int i = 0; i < 1'000; ++i) {
      answer = server.post(kSecrets, large("s" + std::to_string(i)));
      if (answer.status != 200) break;
      ids.push_back(text_of(answer.json().at("id")));
    }
    INFO(answer.body);
    CHECK((answer.status == 507 || answer.status == 503));
    REQUIRE(!ids.empty());
    for (int i = 0; i < 10; ++i) {
      answer = server.post(kSecrets, large("t" + std::to_string(i)));
      CHECK((answer.status == 507 || answer.status == 503 || answer.status == 200));
      // The log may have been moved into the database meanwhile, which makes room for one.
      if (answer.status == 200) ids.push_back(text_of(answer.json().at("id")));
    }
    for (const std::string& id : ids) CHECK(server.get(kSecrets + ("/" + id)).status == 200);
    CHECK(static_cast<std::size_t>(server.get(kSecrets).json().at("total").as_int64()) ==
          ids.size());
    CHECK(server.ask({.path = "/health"}).status == 200);
    CHECK(!server.process->has_ended());
  }

  TEST_CASE("AT-58: a database that cannot grow is healed by room alone") {
    if (!may_mount()) {
      MESSAGE("only root can mount a small disk; not run");
      return;
    }
    const ServerPlace outside;
    const SmallDisk disk(outside.path() / "disk", "8m");
    if (!disk.is_mounted()) return;
    const RunningServer server([&](ServerPlace& place) {
      place.settings["secrets_store"] = {{"type", "sqlite"},
                                         {"path", (disk.path() / "secrets.db").native()}};
      place.settings["audit"] = {{"file", (place.path() / "kist-audit.jsonl").native()}};
    });
    server.create("before");
    disk.fill();
    int status = 200;
    for (int i = 0; i < 200 && status == 200; ++i)
      status = server.post(kSecrets, large("s" + std::to_string(i))).status;
    CHECK((status == 507 || status == 503));
    disk.empty();
    CHECK(server.post(kSecrets, large("after")).status == 200);
  }
}
