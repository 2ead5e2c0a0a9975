// SPDX-License-Identifier: Apache-2.0
#include "client/http_client.hpp"

#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "fake_server.hpp"
#include "loader/host_call.hpp"

using namespace kist;
using namespace kist::testing;
using client::HttpClient;
using client::HttpRequest;

namespace {

constexpr std::chrono::seconds kTimeout{20};

HttpRequest get() { return {.method = "GET", .target = "/x", .repeatable = true}; }
HttpRequest put() {
  HttpRequest request{.method = "PUT", .target = "/x"};
  request.body.append("{}");
  request.writes = true;
  return request;
}

Error error_of(HttpClient& http, const HttpRequest& request,
               std::chrono::milliseconds timeout = kTimeout) {
  core::HostCall call(timeout);
  try {
    http.exchange(call, request);
  } catch (const Error& error) {
    return error;
  }
  return {ErrorCode::internal, "no error"};
}

std::string text_of(HttpClient& http, const HttpRequest& request) {
  core::HostCall call(kTimeout);
  return std::string(http.exchange(call, request).text());
}

void answer_ok(Connection& connection) {
  connection.read_request();
  connection.answer("\"ok\"");
}
void break_off(Connection& connection) { connection.read_request(); }

}  // namespace

TEST_SUITE("client/http_client") {
  TEST_CASE("a request says who asks, and several take one connection") {
    std::vector<std::string> seen;
    FakeServer server({[&](Connection& connection) {
      for (int i = 0; i < 2; ++i) {
        seen.push_back(connection.read_request());
        connection.answer("\"ok\"");
      }
    }});
    client::ServerSettings settings = server.settings();
    settings.token = SecretValue("t0ken");
    const std::string authority = settings.address.authority();
    {
      HttpClient http(std::move(settings));
      CHECK(text_of(http, get()) == "\"ok\"");
      HttpRequest change = put();
      change.if_match = 7;
      CHECK(text_of(http, change) == "\"ok\"");
    }
    CHECK(server.connections() == 1);
    CHECK(seen[0] == "GET /x HTTP/1.1\r\nHost: " + authority +
                         "\r\nUser-Agent: kist\r\nAccept: application/json\r\nAuthorization: "
                         "Bearer t0ken\r\n\r\n");
    CHECK(seen[1] == "PUT /x HTTP/1.1\r\nHost: " + authority +
                         "\r\nUser-Agent: kist\r\nAccept: application/json\r\nAuthorization: "
                         "Bearer t0ken\r\nIf-Match: \"7\"\r\nContent-Type: "
                         "application/json\r\nContent-Length: 2\r\n\r\n{}");
  }

  TEST_CASE("a token that would end its header is refused, and not shown") {
    const std::string tokens[] = {"a\r\nX: y", "a b",          "a\n",
                                  "\x7f",      "t\xc3\xb6ken", std::string(8193, 'a')};
    for (const std::string& token : tokens) {
      client::ServerSettings settings;
      settings.address = client::parse_server_address("http://127.0.0.1:1", "--server");
      settings.token = SecretValue(token);
      try {
        HttpClient http(std::move(settings));
        FAIL("it was taken");
      } catch (const Error& error) {
        CHECK(error.code == ErrorCode::invalid_argument);
        CHECK(std::string(error.message()).starts_with("the token is none: "));
      }
    }
  }

  TEST_CASE("ST-20: a request that can be repeated is, once, when its connection broke") {
    for (const FakeServer::Part& breaking :
         {FakeServer::Part(break_off), FakeServer::Part([](Connection& c) {
            c.read_request();
            c.reset();
          })}) {
      FakeServer once({breaking, answer_ok});
      HttpClient http(once.settings());
      CHECK(text_of(http, get()) == "\"ok\"");
      CHECK(once.connections() == 2);

      FakeServer twice({breaking, breaking, answer_ok});
      HttpClient other(twice.settings());
      CHECK(error_of(other, get()).code == ErrorCode::unavailable);
      CHECK(twice.connections() == 2);
    }
  }

  TEST_CASE("ST-20: a write whose reply is lost is neither repeated nor taken for done") {
    FakeServer server({break_off, answer_ok});
    HttpClient http(server.settings());
    const Error error = error_of(http, put());
    CHECK(error.code == ErrorCode::indeterminate);
    CHECK(error.message() == "it is unknown whether " + http.address().named() +
                                 " did what was asked, for its reply did not come: " +
                                 http.address().named() + " closed the connection without a reply");
    CHECK(server.connections() == 1);
    CHECK(text_of(http, put()) == "\"ok\"");  // The next one has a connection of its own.
  }

  TEST_CASE("ST-20: a reply that has begun is not asked for again") {
    const FakeServer::Part half = [](Connection& connection) {
      connection.read_request();
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    };
    FakeServer server({half, half});
    HttpClient http(server.settings());
    CHECK(error_of(http, get()).message() == "the reply of the server ended in its middle");
    CHECK(server.connections() == 1);
    CHECK(error_of(http, put()).code == ErrorCode::indeterminate);
  }

  TEST_CASE("a connection that the server closed meanwhile is not used for a write") {
    FakeServer server({answer_ok, answer_ok});
    HttpClient http(server.settings());
    CHECK(text_of(http, get()) == "\"ok\"");
    server.wait_for_closed(1);
    CHECK(text_of(http, put()) == "\"ok\"");
    CHECK(server.connections() == 2);
  }

  TEST_CASE("what stands behind a reply is not taken for the next one") {
    FakeServer server({[](Connection& connection) {
                         connection.read_request();
                         connection.send(
                             "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"
                             "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2");
                         connection.read_request();
                       },
                       answer_ok});
    HttpClient http(server.settings());
    CHECK(text_of(http, get()) == "1");
    CHECK(text_of(http, get()) == "\"ok\"");
  }

  TEST_CASE("a refusal counts that comes before all of a request was sent") {
    FakeServer server({[](Connection& connection) {
      connection.send(
          "HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
      connection.read_request();
    }});
    HttpClient http(server.settings());
    HttpRequest large = put();
    large.body.append(std::string(1 << 20, 'x'));
    core::HostCall call(kTimeout);
    CHECK(http.exchange(call, large).status == 413);
  }

  TEST_CASE("a server that does not answer ends at the deadline: a read as such, a write unknown") {
    const FakeServer::Part silent = [](Connection& connection) {
      connection.read_request();
      connection.read_request();  // Until the client goes.
    };
    FakeServer server({silent, silent});
    HttpClient http(server.settings());
    CHECK(error_of(http, get(), std::chrono::milliseconds(50)).code ==
          ErrorCode::deadline_exceeded);
    CHECK(error_of(http, put(), std::chrono::milliseconds(50)).code == ErrorCode::indeterminate);
  }

  TEST_CASE("a call that is cancelled ends the wait") {
    core::HostCall call(kTimeout);
    FakeServer server({[&](Connection& connection) {
      connection.read_request();
      call.cancel();
      connection.read_request();
    }});
    HttpClient http(server.settings());
    try {
      http.exchange(call, get());
      FAIL("it was answered");
    } catch (const Error& error) {
      CHECK(error.code == ErrorCode::cancelled);
    }
  }

  TEST_CASE("a server that is not there is unavailable") {
    std::string url;
    { url = FakeServer({}).url(); }
    client::ServerSettings settings;
    settings.address = client::parse_server_address(url, "--server");
    HttpClient gone(std::move(settings));
    const Error refused = error_of(gone, put());
    CHECK(refused.code == ErrorCode::unavailable);
    CHECK(refused.message() == "cannot connect to server '" + url + "': Connection refused");

    client::ServerSettings of_socket;
    of_socket.address = client::parse_server_address("unix:/nowhere/kist.sock", "--server");
    HttpClient socket(std::move(of_socket));
    CHECK(error_of(socket, get()).message() ==
          "cannot connect to server 'unix:/nowhere/kist.sock': No such file or directory");
  }

  TEST_CASE("a host that has no address is unavailable") {
    client::ServerSettings settings;
    settings.address = client::parse_server_address("http://nowhere.invalid", "--server");
    HttpClient http(std::move(settings));
    const Error error = error_of(http, get());
    CHECK(error.code == ErrorCode::unavailable);
    CHECK(std::string(error.message())
              .starts_with("the host of server 'http://nowhere.invalid' is not found: "));
  }

  TEST_CASE("plain HTTP goes to this machine alone, unless it is allowed") {
    // 192.0.2.0/24 is for documents (RFC 5737): nobody is there.
    for (const std::string url : {"http://192.0.2.1", "http://[2001:db8::1]", "http://0.0.0.0:1"}) {
      CAPTURE(url);
      client::ServerSettings settings;
      settings.address = client::parse_server_address(url, "--server");
      HttpClient http(settings.clone());
      const Error error = error_of(http, get());
      CHECK(error.code == ErrorCode::failed_precondition);
      CHECK(std::string(error.message()).find("is another machine") != std::string::npos);
      settings.plain_anywhere = true;
      HttpClient allowed(std::move(settings));
      CHECK(error_of(allowed, get(), std::chrono::milliseconds(100)).code ==
            ErrorCode::unavailable);
    }
    FakeServer server({answer_ok});
    client::ServerSettings by_name;
    by_name.address = client::parse_server_address(
        "http://localhost" + server.url().substr(server.url().rfind(':')), "--server");
    HttpClient http(std::move(by_name));
    CHECK(text_of(http, get()) == "\"ok\"");
  }
}
