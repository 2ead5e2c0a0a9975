// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <kist/types.h>

namespace kist {

/// What became of a call, sorted by what the caller can do next. The same numbers as kist_status.
enum class ErrorCode : kist_status {
  not_found = KIST_NOT_FOUND,
  already_exists = KIST_ALREADY_EXISTS,
  conflict = KIST_CONFLICT,
  invalid_argument = KIST_INVALID_ARGUMENT,
  failed_precondition = KIST_FAILED_PRECONDITION,
  permission_denied = KIST_PERMISSION_DENIED,
  unauthenticated = KIST_UNAUTHENTICATED,
  store_denied = KIST_STORE_DENIED,
  resource_exhausted = KIST_RESOURCE_EXHAUSTED,
  unavailable = KIST_UNAVAILABLE,
  deadline_exceeded = KIST_DEADLINE_EXCEEDED,
  cancelled = KIST_CANCELLED,
  indeterminate = KIST_INDETERMINATE,
  corrupt = KIST_CORRUPT,
  unimplemented = KIST_UNIMPLEMENTED,
  internal = KIST_INTERNAL,
};

/// The code's name as it stands in documents and replies: "not_found".
constexpr std::string_view to_string(ErrorCode code) {
  constexpr std::string_view names[] = {"ok",
                                        "not_found",
                                        "already_exists",
                                        "conflict",
                                        "invalid_argument",
                                        "failed_precondition",
                                        "permission_denied",
                                        "unauthenticated",
                                        "store_denied",
                                        "resource_exhausted",
                                        "unavailable",
                                        "deadline_exceeded",
                                        "cancelled",
                                        "indeterminate",
                                        "corrupt",
                                        "unimplemented",
                                        "internal"};
  return names[static_cast<kist_status>(code)];
}

/// The code behind a number of the ABI; an unknown number, and KIST_OK, read as `internal`.
constexpr ErrorCode error_code_from(kist_status status) {
  return status >= KIST_NOT_FOUND && status <= KIST_INTERNAL ? static_cast<ErrorCode>(status)
                                                             : ErrorCode::internal;
}

/// The one exception of Kist. The message is one sentence that names the thing ("sqlite: cannot
/// open
/// '/var/lib/x.db': permission denied"), and never holds a value, a token or a configured secret.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode error_code, const std::string& message)
      : std::runtime_error(message), code(error_code) {}

  std::string_view message() const noexcept { return what(); }

  ErrorCode code;
  std::string backend_code;                  ///< The back-end's own word, or empty.
  std::chrono::milliseconds retry_after{0};  ///< 0: no hint.
  bool store_broken = false;                 ///< The store must be closed and opened anew.
};

}  // namespace kist
