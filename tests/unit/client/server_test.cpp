// SPDX-License-Identifier: Apache-2.0
#include "client/server.hpp"

#include <string>

#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include "client/server_error.hpp"
#include "fake_server.hpp"
#include "loader/host_call.hpp"

using namespace kist;
using namespace kist::testing;

namespace {

/// What becomes of one reply: "code: message [request]".
std::string outcome(const std::string& status, const std::string& body, bool writes = false) {
  FakeServer fake({[&](Connection& connection) {
    connection.read_request();
    connection.answer(body, status);
    connection.read_request();
  }});
  client::Server server(fake.settings());
  core::HostCall call(std::chrono::seconds(20));
  client::HttpRequest request{.method = "PUT", .target = "/x"};
  request.writes = writes;
  try {
    return boost::json::serialize(server.ask(call, request));
  } catch (const client::ServerError& error) {
    std::string message(error.message());
    if (const std::size_t at = message.find(fake.url()); at != std::string::npos)
      message.replace(at, fake.url().size(), "URL");
    return std::string(to_string(error.code)) + ": " + message + " [" + error.request_id + "]";
  }
}

}  // namespace

TEST_SUITE("client/server") {
  TEST_CASE("an error of the server is ours, with the request that it was") {
    CHECK(
        outcome(
            "404 Not Found",
            R"({"detail":["KeyError","there is no secret"],"code":"not_found","request_id":"q"})") ==
        "not_found: there is no secret [q]");
    CHECK(outcome("412 Precondition Failed",
                  R"({"detail":["ConflictError","changed"],"code":"conflict"})") ==
          "conflict: changed [r-1]");
    CHECK(outcome("500 Internal Server Error",
                  R"({"detail":["RuntimeError","new"],"code":"of_the_future"})") ==
          "internal: new [r-1]");
    CHECK(outcome("400 Bad Request",
                  "{\"detail\":[\"E\",\"a\\u001b[31m\\nb\"],\"code\":\"invalid_argument\"}") ==
          R"(invalid_argument: a\x1b[31m\x0ab [r-1])");
  }

  TEST_CASE("what is between us and a server may answer too, and is told apart") {
    struct Case {
      std::string status, body;
      bool writes;
      std::string outcome;
    };
    const std::string tail = ", and not as Kist does; expected the address of a Kist server [r-1]";
    const Case cases[] = {
        {"502 Bad Gateway", "<html>", false,
         "unavailable: server 'URL' answered 502 Bad Gateway" + tail},
        {"502 Bad Gateway", "<html>", true,
         "indeterminate: server 'URL' answered 502 Bad Gateway" + tail},
        {"504 Gateway Timeout", "", true,
         "indeterminate: server 'URL' answered 504 Gateway Timeout" + tail},
        {"503 Busy", "{}", true, "unavailable: server 'URL' answered 503 Busy" + tail},
        {"401 Unauthorized", "", false,
         "unauthenticated: server 'URL' answered 401 Unauthorized" + tail},
        {"404 Not Found", R"({"detail":"Not Found"})", false,
         "failed_precondition: server 'URL' answered 404 Not Found" + tail},
        {"200 OK", "<html>", false,
         "unavailable: server 'URL' answered what is no JSON; expected the address of a Kist "
         "server [r-1]"},
        {"200 OK", "", true,
         "indeterminate: server 'URL' answered what is no JSON; expected the address of a Kist "
         "server [r-1]"},
        {"200 OK", std::string(100, '[') + std::string(100, ']'), false,
         "unavailable: server 'URL' answered what is no JSON; expected the address of a Kist "
         "server [r-1]"},
    };
    for (const Case& item : cases) {
      CAPTURE(item.status);
      CHECK(outcome(item.status, item.body, item.writes) == item.outcome);
    }
  }

  TEST_CASE("AT-46: a redirect is not followed, so that the token stays with the server named") {
    bool asked = false;
    FakeServer other({[&](Connection& connection) { asked = !connection.read_request().empty(); }});
    FakeServer fake({[&](Connection& connection) {
      connection.read_request();
      connection.send("HTTP/1.1 307 Temporary Redirect\r\nLocation: " + other.url() +
                      "/x\r\nContent-Length: 0\r\n\r\n");
      connection.read_request();
    }});
    client::Server server(fake.settings());
    core::HostCall call(std::chrono::seconds(20));
    try {
      server.get(call, "/x");
      FAIL("it was answered");
    } catch (const client::ServerError& error) {
      CHECK(error.message() == "server '" + fake.url() +
                                   "' answered 307 Temporary Redirect, which is not followed: a "
                                   "token goes only to the server that is named");
    }
    CHECK_FALSE(asked);
  }

  TEST_CASE("a name stands in an address as %XX, whatever is in it") {
    CHECK(client::url_encoded("aZ09-._~") == "aZ09-._~");
    CHECK(client::url_encoded("a b/c?d&e=f%#\xc3\xa4\n") == "a%20b%2Fc%3Fd%26e%3Df%25%23%C3%A4%0A");
  }
}
