// SPDX-License-Identifier: Apache-2.0
// A Unix socket, where the kernel says who is there.
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <doctest/doctest.h>

#include "server_place.hpp"

using namespace kist::testing;

namespace {

namespace fs = std::filesystem;

constexpr const char* kUser = "/api/v1/current-user";

struct SocketServer {
  explicit SocketServer(const std::function<void(ServerPlace&)>& prepare = {})
      : server([&](ServerPlace& place) {
          socket = place.path() / "kist.sock";
          place.settings["http"].as_object()["listen"] =
              boost::json::array{"127.0.0.1:0", "unix:" + socket.native()};
          if (prepare) prepare(place);
        }) {}

  fs::path socket;
  RunningServer server;

  Answer ask(const Ask& ask) const { return Connection(connect_unix(socket)).ask(ask); }
};

}  // namespace

TEST_SUITE("server/unix socket") {
  TEST_CASE("the peer of a socket is the principal with its user id") {
    const SocketServer server([](ServerPlace& place) {
      place.add_principal(
          {{"name", "me"}, {"socket_uid", ::geteuid()}, {"roles", {{"*", "writer"}}}});
      place.add_principal(
          {{"name", "another"}, {"socket_uid", ::geteuid() + 1}, {"roles", {{"*", "admin"}}}});
    });
    CHECK(server.server.process->addresses().size() == 2);
    const Answer answer = server.ask({.path = kUser});
    CHECK(answer.status == 200);
    CHECK(answer.json().at("name") == "me");
    CHECK(server.ask({.method = "POST", .path = "/api/v1/secrets", .body = secret_json("s")})
              .status == 200);
    // A token says who it is all the same, and one that is none is not made good by the peer.
    CHECK(server.ask({.path = kUser, .token = server.server.admin}).json().at("name") == "admin");
    CHECK(server.ask({.path = kUser, .token = "nonsense"}).status == 401);
    // On TCP nobody is known by a user id.
    CHECK(server.server.ask({.path = kUser}).status == 401);
    const std::string peer =
        "unix:pid=" + std::to_string(::getpid()) + ",uid=" + std::to_string(::geteuid());
    CHECK(server.server.place.audit_records().front().at("peer") == boost::json::value(peer));
  }

  TEST_CASE("a peer that no principal names is nobody") {
    const SocketServer server;
    CHECK(server.ask({.path = kUser}).status == 401);
    CHECK(server.ask({.path = "/health"}).status == 200);
  }

  TEST_CASE(
      "a socket goes with its server, one that a killed server left is replaced, another file is "
      "not") {
    SocketServer server;
    CHECK(server.server.process->stop() == 0);
    CHECK(!fs::exists(server.socket));
    server.server.restart();
    server.server.process->send(SIGKILL);
    CHECK(server.server.process->wait_for_end() == -SIGKILL);
    CHECK(fs::exists(server.socket));
    server.server.restart();
    CHECK(server.ask({.path = "/health"}).status == 200);
    CHECK(server.server.process->stop() == 0);
    server.server.place.write("kist.sock", "not a socket");
    const Ended ended = server.server.place.kist({"serve"});
    CHECK(ended.exit_code != 0);
    CHECK(read_file(server.socket) == "not a socket");
  }

  TEST_CASE("a socket on which somebody listens is not taken from him") {
    const SocketServer first;
    ServerPlace second;
    second.settings["http"].as_object()["listen"] =
        boost::json::array{"unix:" + first.socket.native()};
    second.apply();
    CHECK(second.kist({"serve"}).exit_code != 0);
    CHECK(first.ask({.path = "/health"}).status == 200);
  }

  TEST_CASE("a port that is taken is told, and named") {
    const RunningServer first;
    ServerPlace second;
    const std::string address = "127.0.0.1:" + std::to_string(first.process->port());
    second.settings["http"].as_object()["listen"] = boost::json::array{address};
    second.apply();
    const Ended ended = second.kist({"serve"});
    CHECK(ended.exit_code == 7);
    CHECK(ended.err.find(address) != std::string::npos);
  }
}
