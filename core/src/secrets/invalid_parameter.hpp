// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <kist/error.hpp>

namespace kist::core {

/// Which parameter of a request is wrong, for programs: what HTTP sends as `fields`.
struct FieldError {
  std::string field;                 ///< "created".
  std::string value;                 ///< As given, but with control characters escaped, and cut.
  std::vector<std::string> allowed;  ///< The words or forms that may stand there; may be empty.

  bool operator==(const FieldError&) const = default;
};

/// A parameter that does not parse (FL-9): invalid_argument, which HTTP answers with 422.
class InvalidParameter : public Error {
 public:
  InvalidParameter(const std::string& message, FieldError field_error)
      : Error(ErrorCode::invalid_argument, message), field(std::move(field_error)) {}

  FieldError field;
};

}  // namespace kist::core
