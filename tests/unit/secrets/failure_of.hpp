// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <kist/error.hpp>

namespace kist::core::testing {

/// "code: message" of what `action` throws, "" if nothing.
template <class Action>
std::string failure_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return std::string(to_string(error.code)) + ": " + std::string(error.message());
  }
  return "";
}

}  // namespace kist::core::testing
