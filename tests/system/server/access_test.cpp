// SPDX-License-Identifier: Apache-2.0
// Who may do what: roles, owners, and what one may not even know of.
#include <map>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include "server_place.hpp"

using namespace kist::testing;

namespace {

constexpr const char* kSecrets = "/api/v1/secrets";
constexpr const char* kAbsent = "/api/v1/secrets/3f0c0000-0000-4000-8000-000000000001";

/// A server, and a token for each role in the workspace `default`.
struct Roles {
  std::map<std::string, std::string> tokens;
  RunningServer server{[this](ServerPlace& place) {
    for (const char* const role : {"lister", "reader", "writer", "admin"})
      tokens[role] = place.add_token(std::string("a-") + role, {{"default", role}});
    tokens["stranger"] = place.add_token("stranger", {{"research", "admin"}});
  }};

  Answer ask(const char* who, const char* method, const std::string& path,
             const std::string& body = {}) const {
    return server.ask({.method = method, .path = path, .body = body, .token = tokens.at(who)});
  }
};

/// All of an error but what differs from request to request.
std::string without_request_id(const Answer& answer) {
  boost::json::object error = answer.json().as_object();
  error.erase("request_id");
  return std::to_string(answer.status) + boost::json::serialize(error);
}

}  // namespace

TEST_SUITE("server/access") {
  TEST_CASE("each role may do what its row says, and what those before it may") {
    const Roles roles;
    const std::string path = kSecrets + ("/" + roles.server.create("s"));
    const struct {
      const char* role;
      bool values, writes;
    } rows[] = {{"lister", false, false},
                {"reader", true, false},
                {"writer", true, true},
                {"admin", true, true}};
    for (const auto& [role, values, writes] : rows) {
      const std::string of(role);
      CAPTURE(of);
      CHECK(roles.ask(role, "GET", kSecrets).json().at("total").as_int64() >= 1);
      const Answer got = roles.ask(role, "GET", path);
      CHECK(got.status == 200);
      CHECK(got.json().at("values").at("k").is_null() != values);
      const int wanted = writes ? 200 : 403;
      const Answer made = roles.ask(role, "POST", kSecrets, secret_json(std::string("of-") + role));
      CHECK(made.status == wanted);
      const std::string own = writes ? kSecrets + ("/" + text_of(made.json().at("id"))) : path;
      CHECK(roles.ask(role, "PUT", own, R"({"values": {"k": "w"}})").status == wanted);
      CHECK(roles.ask(role, "DELETE", own).status == wanted);
    }
    CHECK(roles.ask("reader", "GET", path).json().at("values").at("k") == "v");
  }

  TEST_CASE("AT-11, AT-31: what is not there and what one may not know of are told alike") {
    const Roles roles;
    const std::string other = roles.server.create("of-another");
    const Answer mine =
        roles.server.post(kSecrets, secret_json("private", R"(, "scope": "user", "values": {})"));
    const std::string hidden = kSecrets + ("/" + text_of(mine.json().at("id")));
    const std::string foreign = kSecrets + ("/" + other);
    const auto told_alike = [&](const char* who, const char* method, const std::string& path,
                                const char* body) {
      CAPTURE(std::string(method));
      const std::string id = path.substr(path.rfind('/') + 1),
                        absent = std::string(kAbsent).substr(std::string(kSecrets).size() + 1);
      std::string known = without_request_id(roles.ask(who, method, path, body));
      while (known.find(id) != std::string::npos) known.replace(known.find(id), id.size(), absent);
      CHECK(known == without_request_id(roles.ask(who, method, kAbsent, body)));
      CHECK(known.starts_with("404"));
    };
    for (const char* const method : {"GET", "DELETE"}) {
      told_alike("stranger", method, foreign, "");
      told_alike("admin", method, hidden, "");
    }
    told_alike("stranger", "PUT", foreign, R"({"name": "t"})");
    told_alike("admin", "PUT", hidden, R"({"name": "t"})");
    for (const std::string& path : {foreign, hidden}) {  // And nothing came of it.
      CHECK(roles.server.get(path).status == 200);
      CHECK(roles.server.get(path).json().at("revision") == 1);
    }
    CHECK(without_request_id(roles.ask("stranger", "GET", "/api/v1/workspaces/default"))
              .starts_with("404"));
    CHECK(roles.ask("stranger", "POST", "/api/v1/workspaces/default/secrets", secret_json("s"))
              .status == 404);
    // Whoever has no principal is told the same everywhere, also where nothing is.
    std::string first;
    for (const std::string& path : {foreign, hidden, std::string(kAbsent), std::string(kSecrets),
                                    std::string("/api/v1/store")}) {
      const std::string told = without_request_id(roles.server.ask({.path = path}));
      if (first.empty()) first = told;
      CHECK(told == first);
      CHECK(without_request_id(roles.server.ask({.path = path, .token = "x"})).starts_with("401"));
    }
  }

  TEST_CASE("AT-06: a list shows what a get would show, and counts nothing else") {
    const Roles roles;
    roles.server.create("shared");
    roles.server.post(kSecrets, secret_json("private", R"(, "scope": "user", "values": {})"));
    roles.server.post("/api/v1/workspaces/research/secrets", secret_json("elsewhere"));
    const struct {
      const char* who;
      std::int64_t total;
    } cases[] = {{"lister", 1}, {"admin", 1}, {"stranger", 1}};
    for (const auto& [who, total] : cases) {
      const std::string by(who);
      CAPTURE(by);
      for (const std::string& query :
           {std::string(), std::string("?name=contains:e"),
            std::string("?scope=user&scope=workspace&logical_operator=or"),
            std::string("?name=private&name=shared&name=elsewhere&logical_operator=or")}) {
        CAPTURE(std::string(query));
        const boost::json::value page = roles.ask(who, "GET", kSecrets + query).json();
        CHECK(page.at("total") == total);
        for (const auto& item : page.at("items").as_array()) {
          CHECK(item.at("name") != "private");
          CHECK(roles.ask(who, "GET", kSecrets + ("/" + text_of(item.at("id")))).status == 200);
        }
      }
    }
    CHECK(roles.server.get(kSecrets).json().at("total") == 3);
  }

  TEST_CASE("a user secret is its owner's alone, also before an admin of everything") {
    const Roles roles;
    const Answer made =
        roles.ask("writer", "POST", kSecrets,
                  secret_json("mine", R"(, "scope": "user", "values": {"k": "v"})"));
    REQUIRE(made.status == 200);
    const std::string path = kSecrets + ("/" + text_of(made.json().at("id")));
    CHECK(roles.ask("writer", "GET", path).status == 200);
    CHECK(roles.ask("admin", "GET", path).status == 404);
    CHECK(roles.server.get(path).status == 404);
    CHECK(roles.server.remove(path).status == 404);
    // Others may have one of that name, and give it to all.
    CHECK(
        roles.ask("admin", "POST", kSecrets, secret_json("mine", R"(, "scope": "user")")).status ==
        200);
    CHECK(roles.ask("writer", "PUT", path, R"({"scope": "workspace"})").status == 200);
    CHECK(roles.ask("admin", "GET", path).status == 200);
  }

  TEST_CASE(
      "AT-33: what operates on the store needs an admin, and what is not there does nothing") {
    const Roles roles;
    for (const char* const job : {"backup", "restore", "reencrypt"}) {
      const std::string path = "/api/v1/secrets_operations/" + std::string(job);
      CAPTURE(std::string(job));
      CHECK(roles.server.ask({.method = "PUT", .path = path}).status == 401);
      const int refused = roles.ask("writer", "PUT", path).status;
      CHECK((refused == 403 || refused == 404));
    }
  }

  TEST_CASE(
      "AT-18: the token that somebody shows is in no log, no metric, no audit record and no "
      "reply") {
    const Roles roles;
    const std::string path = kSecrets + ("/" + roles.server.create("s"));
    std::string said;
    for (const char* const who : {"lister", "writer", "stranger"}) {
      for (const char* const method : {"GET", "PUT", "DELETE", "PATCH"})
        said += roles.ask(who, method, path, "{").body;
    }
    said +=
        roles.server
            .ask({.path = path, .headers = {{"Authorization", "Bearer x" + roles.server.admin}}})
            .body;
    said += roles.server.ask({.path = path + "?token=" + roles.server.admin}).body;
    said += roles.server.get("/metrics").body + roles.server.get("/api/v1/store").body +
            roles.server.get("/api/v1/plugins").body + roles.server.get("/api/v1/info").body;
    said += roles.server.process->log();
    for (const auto& [who, token] : roles.tokens) {
      CHECK(said.find(token) == std::string::npos);
      CHECK(read_file(roles.server.place.audit_file()).find(token) == std::string::npos);
      CHECK(read_file(roles.server.place.path() / "kist.json").find(token) == std::string::npos);
    }
  }

  TEST_CASE("AT-05: no character of a name makes a role wider") {
    for (const char* const workspace :
         {"**", "d*", "default*", "+", "{workspace}", "$default", "default,research",
          "default/research", "default research", "DEFAULT", " default", ""}) {
      CAPTURE(std::string(workspace));
      ServerPlace place;
      place.add_token("somebody", {{workspace, "admin"}});
      place.apply();
      const Ended ended = place.kist({"serve"});
      CHECK(ended.exit_code == 2);
      CHECK(ended.err.find("roles") != std::string::npos);
    }
    for (const char* const name : {"*", "a-admin,stranger", "{user}", "+", "$1", "a/*"}) {
      CAPTURE(std::string(name));
      std::string token;
      try {
        const RunningServer server([&](ServerPlace& place) {
          token = place.add_token(name, {{"research", "reader"}});
        });
        const std::string path = kSecrets + ("/" + server.create("s"));
        CHECK(server.ask({.path = path, .token = token}).status == 404);
        CHECK(server.ask({.path = kSecrets, .token = token}).json().at("total") == 0);
      } catch (const std::exception& refused) {
        // Then the host does not start with such a name.
        CHECK(std::string(refused.what()).find("name") != std::string::npos);
      }
    }
  }

  TEST_CASE("AT-15: what claims for itself who it is is nobody") {
    const Roles roles;
    const auto refused = [&](const std::string& token) {
      return without_request_id(roles.server.ask({.path = kSecrets, .token = token}));
    };
    const std::string wrong = refused("wrong");
    CHECK(wrong.starts_with("401"));
    // {"alg":"none"}, {"alg":"HS256","kid":"../../kist.json"}; {"sub":"a-admin","exp":9e18}.
    CHECK(refused("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhLWFkbWluIiwiZXhwIjo5ZTE4fQ.") == wrong);
    CHECK(refused("eyJhbGciOiJIUzI1NiIsImtpZCI6Ii4uLy4uL2tpc3QuanNvbiJ9."
                  "eyJzdWIiOiJhLWFkbWluIiwiZXhwIjo5ZTE4fQ.c2lnbmF0dXJl") == wrong);
    CHECK(refused("a-admin") == wrong);
  }

  TEST_CASE("AT-14: a token that has expired is none, and no lifetime lasts for ever by mistake") {
    std::string late, early;
    const RunningServer server([&](ServerPlace& place) {
      late = place.add_token("late", {{"*", "reader"}});
      early = place.add_token("early", {{"*", "reader"}});
      boost::json::array& principals = place.settings["principals"].as_array();
      principals.at(1).as_object()["token_expires"] = "2020-01-01T00:00:00Z";
      principals.at(2).as_object()["token_expires"] = "2199-01-01T00:00:00Z";
    });
    CHECK(server.ask({.path = kSecrets, .token = late}).status == 401);
    CHECK(server.ask({.path = kSecrets, .token = early}).status == 200);
    for (const char* const lifetime :
         {"0s", "-1h", "nonsense", "99999999999999999999d", "NaN", ""}) {
      CAPTURE(std::string(lifetime));
      CHECK(server.place.kist({"token", "new", "x", "--expires-in", lifetime}).exit_code == 2);
    }
  }
}
