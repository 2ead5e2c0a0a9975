// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include <kist/error.hpp>

namespace kist::client {

/// What a server answered instead of what was asked for, in its words.
class ServerError : public Error {
 public:
  ServerError(ErrorCode error_code, const std::string& message, std::string id)
      : Error(error_code, message), request_id(std::move(id)) {}

  std::string request_id;  ///< By which its operator finds the request; empty: it named none.
};

}  // namespace kist::client
