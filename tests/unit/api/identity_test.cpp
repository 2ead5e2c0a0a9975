// SPDX-License-Identifier: Apache-2.0
#include "api/identity.hpp"

#include <string>

#include <doctest/doctest.h>

#include "api_fixture.hpp"

namespace kist::api::testing {
namespace {

struct IdentityFixture : ApiFixture {
  /// The name of who asks, or the failure.
  std::string who(Asked asked) {
    const Got got = ask("GET", "/api/v1/current-user", std::move(asked));
    return got.status == 200 ? got.text("name") : got.failure();
  }
  static Asked with(std::string authorization) {
    return {.authorization = std::move(authorization)};
  }
};

const std::string kWhoAsks =
    "401 unauthenticated: who asks? Send a token that this host knows: Authorization: Bearer TOKEN";

TEST_SUITE("host/api identity") {
  TEST_CASE_FIXTURE(IdentityFixture, "a token is shown in one way, whatever the scheme's case") {
    const std::string alice = token("alice");
    CHECK(who(with("Bearer " + alice)) == "alice");
    CHECK(who(with("bearer " + alice)) == "alice");
    CHECK(who(with("BEARER  " + alice + " ")) == "alice");
  }

  TEST_CASE_FIXTURE(IdentityFixture, "AT-08: whatever was wrong, the answer is the same") {
    const std::string alice = token("alice");
    const Got none = ask("GET", "/api/v1/secrets", {.who = ""});
    CHECK(none.header("WWW-Authenticate") == "Bearer");
    for (const std::string& header :
         {std::string("Bearer"), std::string("Bearer "), "Bearer" + alice, alice, "Basic " + alice,
          "Bearer " + alice + " " + token("root"), "Bearer " + alice + ", Bearer " + token("root"),
          "Bearer " + alice + ",", "Bearer\t" + alice, "Bearer " + alice + "\t", " Bearer " + alice,
          "Bearer " + alice + "x", "Bearer " + alice.substr(1), "Bearer " + std::string(8'000, 'a'),
          "Bearer \xC3\xA9" + alice, "Token " + alice, std::string("Bearer kist_"),
          "Bearer \"" + alice + "\"", "Bearer " + alice + std::string(1, '\0')}) {
      CAPTURE(header.substr(0, 100));
      CHECK(who(with(header)) == kWhoAsks);
      const Got got = ask("GET", "/api/v1/secrets", with(header));
      CHECK(got.body.substr(0, got.body.find("request-")) ==
            none.body.substr(0, none.body.find("request-")));
      CHECK(got.headers == none.headers);
    }
    CHECK(memory.calls.empty());
  }

  TEST_CASE_FIXTURE(IdentityFixture, "a certificate or the peer of a socket says who asks") {
    http::Peer by_certificate{"10.0.0.1:1", "10.0.0.1", {}, "CN=reader"};
    http::Peer by_uid{"unix", "unix", 1001, {}};
    CHECK(who({.who = "", .peer = by_certificate}) == "reader");
    CHECK(who({.who = "", .peer = by_uid}) == "bob");
    CHECK(who({.who = "alice", .peer = by_certificate}) == "alice");
    CHECK(who({.who = "alice", .peer = by_uid}) == "alice");
    CHECK(who({.who = "", .peer = {"unix", "unix", 4242, {}}}) == kWhoAsks);
    CHECK(who({.who = "", .peer = {"10.0.0.1:1", "10.0.0.1", {}, "CN=other"}}) == kWhoAsks);
  }

  TEST_CASE_FIXTURE(IdentityFixture, "AT-12: a wrong token does not fall back to anything else") {
    Asked asked = with("Bearer wrong");
    asked.peer = {"unix", "unix", 1005, "CN=root"};
    CHECK(who(asked) == kWhoAsks);
    asked.authorization = "Basic cm9vdDo=";
    CHECK(who(asked) == kWhoAsks);
    asked.authorization.reset();
    asked.who = "";
    asked.peer.certificate = "CN=nobody";
    CHECK(who(asked) == kWhoAsks);
  }
}

}  // namespace
}  // namespace kist::api::testing
