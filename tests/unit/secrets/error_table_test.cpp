// SPDX-License-Identifier: Apache-2.0
#include "secrets/error_table.hpp"

#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include "failure_of.hpp"
#include "secrets/invalid_parameter.hpp"
#include "secrets/no_secrets_store.hpp"
#include "secrets/validation.hpp"
#include "store_in_memory.hpp"

namespace kist::core {
namespace {

class Discard final : public ListSink {
 public:
  bool item(const SecretMetadata&) override { return true; }
  void total(std::uint64_t) override {}
};

TEST_SUITE("core/secrets/error_table") {
  TEST_CASE("every code has its HTTP status, its name on the wire and its exit code") {
    const struct {
      const char* name;
      ErrorCode code;
      int http_status;
      const char* wire_name;
      int exit_code;
    } rows[] = {
        {"not_found", ErrorCode::not_found, 404, "KeyError", 4},
        {"already_exists", ErrorCode::already_exists, 409, "EntityExistsError", 5},
        {"conflict", ErrorCode::conflict, 412, "ConflictError", 5},
        {"invalid_argument", ErrorCode::invalid_argument, 400, "ValueError", 2},
        {"failed_precondition", ErrorCode::failed_precondition, 409, "IllegalOperationError", 6},
        {"permission_denied", ErrorCode::permission_denied, 403, "IllegalOperationError", 3},
        {"unauthenticated", ErrorCode::unauthenticated, 401, "AuthorizationException", 3},
        {"store_denied", ErrorCode::store_denied, 502, "RuntimeError", 7},
        {"resource_exhausted", ErrorCode::resource_exhausted, 507, "RuntimeError", 7},
        {"unavailable", ErrorCode::unavailable, 503, "RuntimeError", 7},
        {"deadline_exceeded", ErrorCode::deadline_exceeded, 504, "RuntimeError", 7},
        {"cancelled", ErrorCode::cancelled, 504, "RuntimeError", 7},
        {"indeterminate", ErrorCode::indeterminate, 504, "RuntimeError", 8},
        {"corrupt", ErrorCode::corrupt, 500, "RuntimeError", 9},
        {"unimplemented", ErrorCode::unimplemented, 501, "NotImplementedError", 10},
        {"internal", ErrorCode::internal, 500, "RuntimeError", 70},
    };
    int expected_number = 1;
    for (const auto& row : rows) {
      CAPTURE(row.name);
      CHECK(static_cast<int>(row.code) == expected_number++);
      CHECK(error_row(row.code).code == row.code);
      CHECK(error_row(row.code).http_status == row.http_status);
      CHECK(error_row(row.code).wire_name == row.wire_name);
      CHECK(error_row(row.code).exit_code == row.exit_code);
      CHECK(error_code_named(row.name) == row.code);
      CHECK(http_status(Error(row.code, "")) == row.http_status);
    }
  }

  TEST_CASE("an unknown code, by number or by name, reads as internal") {
    CHECK(error_row(static_cast<ErrorCode>(0)).code == ErrorCode::internal);
    CHECK(error_row(static_cast<ErrorCode>(99)).code == ErrorCode::internal);
    CHECK(error_code_named("teapot") == ErrorCode::internal);
    CHECK(error_code_named("") == ErrorCode::internal);
  }

  TEST_CASE("HTTP tells apart what one code means") {
    CHECK(http_status(InvalidParameter("", {"page", "0", {}})) == 422);
    CHECK(http_status(LimitExceeded("")) == 413);
    Error throttled(ErrorCode::resource_exhausted, "");
    throttled.retry_after = std::chrono::seconds(1);
    CHECK(http_status(throttled) == 429);
  }
}

TEST_SUITE("core/secrets/no_secrets_store") {
  TEST_CASE("with secrets switched off every operation says so") {
    NoSecretsStore store;
    testing::PlainCall call;
    const ListQuery query;
    Discard discard;
    const std::string refused =
        "unimplemented: secrets are switched off (secrets_store.type is 'none')";
    CHECK(testing::failure_of([&] { store.create_secret(call, {}); }) == refused);
    CHECK(testing::failure_of([&] { store.get_secret(call, {}); }) == refused);
    CHECK(testing::failure_of([&] { store.list_secrets(call, query, discard); }) == refused);
    CHECK(testing::failure_of([&] { store.update_secret(call, {}); }) == refused);
    CHECK(testing::failure_of([&] { store.delete_secret(call, {}, {}); }) == refused);
    CHECK(testing::failure_of([&] { store.check_health(call); }) == refused);
  }
}

}  // namespace
}  // namespace kist::core
