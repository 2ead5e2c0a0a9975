// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>

#include <kist/secret_value.hpp>

#include "cli/interrupts.hpp"
#include "cli/process_setup.hpp"
#include "client/http_client.hpp"
#include "config/environment.hpp"

namespace kist::log {
class Log;
}

namespace kist::cli {

enum class OutputFormat { table, json };

/// What every command works with: made by run(), once, and handed down.
struct Session {
  const core::Environment& environment;
  Interrupts& interrupts;
  const Inherited& inherited;
  std::optional<std::filesystem::path> config = {};
  std::span<const SecretValue> store_options = {};    ///< `name=value`; the command line's.
  std::optional<client::ServerSettings> server = {};  ///< Nothing: the store that is configured.
  OutputFormat format = OutputFormat::table;
  std::chrono::seconds timeout{30};
  bool verbose = false;
  bool temporary = false;   ///< What it makes is gone at its end: nobody is to keep copies.
  log::Log* log = nullptr;  ///< Of a process that serves: what would go to standard error as text.

  bool json() const { return format == OutputFormat::json; }
  /// One line on standard error, in the format of the output.
  void warn(std::string_view message) const;
  /// The same for what people should know, and is not wrong.
  void notice(std::string_view message) const;
};

}  // namespace kist::cli
