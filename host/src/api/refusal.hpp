// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <kist/error.hpp>

namespace kist::api {

/// What HTTP has a status for that no error code has: 404 for a route, 405, 415, 429.
class Refusal : public Error {
 public:
  Refusal(int http_status, ErrorCode error_code, const std::string& message)
      : Error(error_code, message), status(http_status) {}

  int status;
  std::string allow;  ///< With 405: "GET, HEAD, PUT".
};

}  // namespace kist::api
