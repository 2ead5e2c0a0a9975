// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/interrupts.hpp"
#include "config/environment.hpp"

namespace kist::cli {

enum class OutputFormat { table, json };

/// What every command works with: made by run(), once, and handed down.
struct Session {
  const core::Environment& environment;
  Interrupts& interrupts;
  std::optional<std::filesystem::path> config = {};
  std::vector<std::string> store_options = {};
  OutputFormat format = OutputFormat::table;
  std::chrono::seconds timeout{30};
  bool verbose = false;

  bool json() const { return format == OutputFormat::json; }
  /// One line on standard error, in the format of the output.
  void warn(std::string_view message) const;
};

}  // namespace kist::cli
