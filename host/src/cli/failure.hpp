// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <string>
#include <vector>

#include <kist/error.hpp>

namespace kist::cli {

/// An error that is understood only with the places that were looked at.
class ErrorWithTrail : public Error {
 public:
  ErrorWithTrail(const Error& error, std::vector<std::string> places)
      : Error(error), trail(std::move(places)) {}

  std::vector<std::string> trail;
};

/// Says on standard error what went wrong, for people or as JSON, and gives the exit code.
int report_failure(const std::exception& failure, bool as_json);

/// The same for what is no exception of ours.
int report_unknown_failure(bool as_json);

}  // namespace kist::cli
