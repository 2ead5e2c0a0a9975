// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <kist/error.hpp>

namespace kist::core {

/// What one error code is to those outside: a row of the table in docs/reference/errors.md.
struct ErrorRow {
  ErrorCode code;
  int http_status;  ///< Unless http_status() below knows better.
  /// What ZenML's clients look for in `detail[0]`.
  std::string_view wire_name;
  int exit_code;  ///< Of the command line.
};

/// An unknown code reads as `internal`.
const ErrorRow& error_row(ErrorCode code);

/// The code whose to_string() is `name`, as in a reply's `code`; of an unknown name, `internal`.
ErrorCode error_code_named(std::string_view name);

/// The row's status, or the one that says more: 422 for a parameter that does not parse, 413 for a
/// secret beyond a limit, 429 for what may be tried again at a known time.
int http_status(const Error& error);

}  // namespace kist::core
