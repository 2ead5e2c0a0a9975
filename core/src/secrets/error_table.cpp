// SPDX-License-Identifier: Apache-2.0
#include "secrets/error_table.hpp"

#include <iterator>

#include "secrets/invalid_parameter.hpp"
#include "secrets/validation.hpp"

namespace kist::core {
namespace {

// `internal` stands last, where unknown codes end.
constexpr ErrorRow kRows[] = {
    {ErrorCode::not_found, 404, "KeyError", 4},
    {ErrorCode::already_exists, 409, "EntityExistsError", 5},
    {ErrorCode::conflict, 412, "ConflictError", 5},
    {ErrorCode::invalid_argument, 400, "ValueError", 2},
    {ErrorCode::failed_precondition, 409, "IllegalOperationError", 6},
    {ErrorCode::permission_denied, 403, "IllegalOperationError", 3},
    {ErrorCode::unauthenticated, 401, "AuthorizationException", 3},
    {ErrorCode::store_denied, 502, "RuntimeError", 7},
    {ErrorCode::resource_exhausted, 507, "RuntimeError", 7},
    {ErrorCode::unavailable, 503, "RuntimeError", 7},
    {ErrorCode::deadline_exceeded, 504, "RuntimeError", 7},
    {ErrorCode::cancelled, 504, "RuntimeError", 7},
    {ErrorCode::indeterminate, 504, "RuntimeError", 8},
    {ErrorCode::corrupt, 500, "RuntimeError", 9},
    {ErrorCode::unimplemented, 501, "NotImplementedError", 10},
    {ErrorCode::internal, 500, "RuntimeError", 70},
};

}  // namespace

const ErrorRow& error_row(ErrorCode code) {
  for (const ErrorRow& row : kRows) {
    if (row.code == code) return row;
  }
  return kRows[std::size(kRows) - 1];
}

ErrorCode error_code_named(std::string_view name) {
  for (const ErrorRow& row : kRows) {
    if (to_string(row.code) == name) return row.code;
  }
  return ErrorCode::internal;
}

int http_status(const Error& error) {
  if (dynamic_cast<const InvalidParameter*>(&error) != nullptr) return 422;
  if (dynamic_cast<const LimitExceeded*>(&error) != nullptr) return 413;
  if (error.code == ErrorCode::resource_exhausted && error.retry_after.count() > 0) return 429;
  return error_row(error.code).http_status;
}

}  // namespace kist::core
