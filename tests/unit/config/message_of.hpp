// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <kist/error.hpp>

namespace kist::core::testing {

/// What `action` throws, "" if nothing.
template <class Action>
std::string message_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return std::string(error.message());
  }
  return "";
}

}  // namespace kist::core::testing
