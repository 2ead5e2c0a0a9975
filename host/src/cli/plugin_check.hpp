// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "cli/plugin_inspection.hpp"

namespace kist::cli {

enum class CheckVerdict : std::uint8_t { holds, warning, broken, not_judged };

std::string_view to_string(CheckVerdict verdict);

/// What the file says to one rule of docs/plugins/contract.md that needs no code of it to run.
struct CheckedRule {
  std::string_view rule;  ///< "KP-22".
  CheckVerdict verdict = CheckVerdict::holds;
  std::string_view text;                ///< What the rule asks, or why it was not judged.
  std::vector<core::Finding> findings;  ///< Of a warning or a breach.
};

/// Every static rule, in the order of their numbers.
std::vector<CheckedRule> checked_rules(const PluginInspection& inspection);

/// What `kist plugin check` has found out of one file.
struct CheckedFile {
  std::string name;  ///< As the command line has it.
  PluginInspection inspection;
  std::vector<CheckedRule> rules;
};

/// A table for each file, and a line for all.
std::string check_text(const std::vector<CheckedFile>& files);
boost::json::value check_document(const std::vector<CheckedFile>& files);

}  // namespace kist::cli
