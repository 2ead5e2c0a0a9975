// SPDX-License-Identifier: Apache-2.0
// What was answered has happened, also when the power goes: kill -9 under load.
#include <signal.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <doctest/doctest.h>

#include "server_place.hpp"
#include "traffic.hpp"

using namespace kist::testing;

namespace {

constexpr const char* kSecrets = "/api/v1/secrets";
constexpr std::size_t kWriters = 16;

/// What one writer was told.
struct Told {
  std::vector<std::string> created, deleted;  ///< Ids.
  std::vector<std::string> request_ids;
  std::string own;            ///< A secret that only this writer changes.
  std::int64_t revision = 0;  ///< The last one that it was told.
};

/// One turn: creates, and now and then changes its own secret or deletes what it has created.
bool write_once(Connection& connection, const RunningServer& server, Told& told,
                const std::string& name, std::uint64_t turn) {
  Ask ask{.method = "POST", .path = kSecrets, .body = secret_json(name), .token = server.admin};
  const bool updates = turn % 3 == 1, deletes = turn % 7 == 6 && told.created.size() > 1;
  if (updates)
    ask = {.method = "PUT",
           .path = kSecrets + ("/" + told.own),
           .body = R"({"values": {"k": ")" + name + "\"}}",
           .token = server.admin};
  else if (deletes)
    ask = {
        .method = "DELETE", .path = kSecrets + ("/" + told.created.back()), .token = server.admin};
  const Answer answer = connection.ask(ask);
  if (answer.status != 200) return false;
  told.request_ids.push_back(answer.header("X-Request-Id").value());
  if (updates) {
    told.revision = answer.json().at("revision").as_int64();
  } else if (deletes) {
    told.deleted.push_back(told.created.back());
    told.created.pop_back();
  } else {
    told.created.push_back(text_of(answer.json().at("id")));
    if (told.own.empty()) told.own = told.created.back();
  }
  return true;
}

void check_told(const RunningServer& server, const std::vector<Told>& all) {
  std::set<std::string> audited;
  for (const auto& record : server.place.audit_records())
    audited.insert(text_of(record.at("request_id")));
  Connection connection = server.connect();
  const auto get = [&](const std::string& id) {
    return connection.ask({.path = kSecrets + ("/" + id), .token = server.admin});
  };
  for (const Told& told : all) {
    // The last one's deletion may have happened without an answer.
    for (const std::string& id : told.created) {
      const int status = get(id).status;
      CHECK((status == 200 || (status == 404 && id == told.created.back())));
    }
    for (const std::string& id : told.deleted) CHECK(get(id).status == 404);
    for (const std::string& id : told.request_ids) CHECK(audited.contains(id));
    if (told.revision > 0) {
      const std::int64_t revision = get(told.own).json().at("revision").as_int64();
      CHECK(revision >= told.revision);
      CHECK(revision <= told.revision + 1);
    }
  }
}

}  // namespace

TEST_SUITE("server/crash") {
  TEST_CASE(
      "AT-45: after kill -9 under load all that was answered is there, and is in the audit log") {
    RunningServer server;
    for (int round = 0; round < 3; ++round) {
      std::vector<Told> all(kWriters);
      {
        Traffic traffic(kWriters, [&](std::size_t thread, std::uint64_t turn) {
          thread_local Connection connection = server.connect();
          const std::string name =
              std::to_string(round) + "-" + std::to_string(thread) + "-" + std::to_string(turn);
          return write_once(connection, server, all[thread], name, turn);
        });
        traffic.wait_for_turns(400);
        server.process->send(SIGKILL);
        CHECK(server.process->wait_for_end() == -SIGKILL);
        traffic.wait();
        CHECK(traffic.turns() >= 400);
      }
      server.restart();
      check_told(server, all);
      const Ended verified = server.place.kist({"audit", "verify"});
      INFO(verified.out);
      INFO(verified.err);
      CHECK(verified.exit_code == 0);
    }
  }
}
