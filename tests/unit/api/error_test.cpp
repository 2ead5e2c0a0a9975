// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <doctest/doctest.h>

#include "api_fixture.hpp"

namespace kist::api::testing {
namespace {

TEST_SUITE("host/api errors") {
  TEST_CASE_FIXTURE(ApiFixture, "every code has its status, its name and one shape") {
    const std::string path = path_of(create("db"));
    struct Case {
      ErrorCode code;
      int status;
      const char* name;
    };
    const Case cases[] = {
        {ErrorCode::not_found, 404, "KeyError"},
        {ErrorCode::already_exists, 409, "EntityExistsError"},
        {ErrorCode::conflict, 412, "ConflictError"},
        {ErrorCode::invalid_argument, 400, "ValueError"},
        {ErrorCode::failed_precondition, 409, "IllegalOperationError"},
        {ErrorCode::permission_denied, 403, "IllegalOperationError"},
        {ErrorCode::unauthenticated, 401, "AuthorizationException"},
        {ErrorCode::store_denied, 502, "RuntimeError"},
        {ErrorCode::resource_exhausted, 507, "RuntimeError"},
        {ErrorCode::unavailable, 503, "RuntimeError"},
        {ErrorCode::deadline_exceeded, 504, "RuntimeError"},
        {ErrorCode::cancelled, 504, "RuntimeError"},
        {ErrorCode::indeterminate, 504, "RuntimeError"},
        {ErrorCode::corrupt, 500, "RuntimeError"},
        {ErrorCode::unimplemented, 501, "NotImplementedError"},
        {ErrorCode::internal, 500, "RuntimeError"},
    };
    for (const Case& c : cases) {
      CAPTURE(c.status);
      store.fails = [&] { throw Error(c.code, "acme: it \"failed\""); };
      const Got got = ask("PUT", path, {.body = R"({"values": {}})"});
      CHECK(got.status == c.status);
      CHECK(got.content_type == "application/json");
      CHECK(got.text("code") == to_string(c.code));
      CHECK(got.text("detail.0") == c.name);
      CHECK(got.text("request_id") == "request-" + std::to_string(requests));
      CHECK(got.header("Retry-After") == (c.status == 503 ? "1" : ""));
      CHECK(got.header("WWW-Authenticate") == (c.status == 401 ? "Bearer" : ""));
      const bool is_unknown = c.code == ErrorCode::indeterminate;
      CHECK(got.json().as_object().contains("outcome") == is_unknown);
      if (is_unknown) CHECK(got.text("outcome") == "unknown");
    }
  }

  TEST_CASE_FIXTURE(ApiFixture, "what says when to come back is passed on, in whole seconds") {
    const auto answer = [&](ErrorCode code, int wait_ms) {
      store.fails = [=] {
        Error error(code, "later");
        error.retry_after = std::chrono::milliseconds(wait_ms);
        throw error;
      };
      const Got got = ask("GET", "/api/v1/secrets");
      return std::to_string(got.status) + " " + got.header("Retry-After");
    };
    CHECK(answer(ErrorCode::unavailable, 0) == "503 1");
    CHECK(answer(ErrorCode::unavailable, 1) == "503 1");
    CHECK(answer(ErrorCode::unavailable, 4'001) == "503 5");
    CHECK(answer(ErrorCode::resource_exhausted, 30'000) == "429 30");
    CHECK(answer(ErrorCode::resource_exhausted, 0) == "507 ");
    CHECK(answer(ErrorCode::internal, 30'000) == "500 ");
  }

  TEST_CASE_FIXTURE(ApiFixture, "an error takes back what a reply had already") {
    const std::string path = path_of(create("db"));
    const Got got = ask("PUT", path, {.body = R"({"name": "canary", "values": {"a": 1}})"});
    CHECK(got.status == 422);
    CHECK(got.header("ETag") == "");
    CHECK(got.body.find("hunter2") == std::string::npos);
    CHECK(got.body.find("canary") == std::string::npos);
    CHECK(got.text("fields.0.field") == "values.a");
  }

  TEST_CASE_FIXTURE(ApiFixture, "a message that is no UTF-8 is still JSON") {
    store.fails = [] { throw Error(ErrorCode::unavailable, "acme: \xFF\n"); };
    CHECK(ask("GET", "/api/v1/secrets").text("detail.1") == "acme: \\xff\\x0a");
  }
}

}  // namespace
}  // namespace kist::api::testing
