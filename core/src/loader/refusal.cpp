// SPDX-License-Identifier: Apache-2.0
#include "loader/refusal.hpp"

#include "text/printable.hpp"

namespace kist::core {

std::string to_string(const Finding& finding) {
  return finding.rule + ": " + finding.found + "; expected " + finding.expected;
}

PluginRefused::PluginRefused(std::string_view file_path, const Finding& reason)
    : Error(ErrorCode::failed_precondition,
            "plugin '" + printable(file_path, 4096) + "' refused by " + to_string(reason)),
      path(file_path),
      finding(reason) {}

}  // namespace kist::core
