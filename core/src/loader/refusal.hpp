// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <kist/error.hpp>

namespace kist::core {

/// What a rule of docs/plugins/contract.md says of one file: a reason to refuse it, or a warning.
struct Finding {
  std::string rule;      ///< "KP-20".
  std::string found;     ///< "the file is empty". Safe to print: bytes of the file are escaped.
  std::string expected;  ///< "a shared object".
};

/// "KP-20: the file is empty; expected a shared object".
std::string to_string(const Finding& finding);

/// A plugin file broke a rule, and nothing of it was mapped as code. The code is
/// failed_precondition: trying again does not help until the operator has changed the file or the
/// configuration.
class PluginRefused : public Error {
 public:
  PluginRefused(std::string_view path, const Finding& finding);

  std::string path;
  Finding finding;
};

}  // namespace kist::core
