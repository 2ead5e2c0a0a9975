// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/command.hpp"

namespace kist::cli {

/// The options that every command has.
std::span<const OptionSpec> common_options();

/// Those that every command takes that works with a server.
std::span<const OptionSpec> server_options();

/// The line with "-h", the only short option, written out, up to a "--".
std::vector<std::string> with_long_help(std::vector<std::string> line);

/// A command line, split at the words of its command.
struct CommandLine {
  std::vector<std::string> words;  ///< "secret", "create", or "run": at most two.
  std::vector<std::string> rest;   ///< All else, in its order.
};

/// Takes the first two words that are neither options nor the values of common ones, or the first
/// one if it is a command by itself: before them, only common options can stand.
CommandLine split_command_line(std::span<const Command> commands, std::vector<std::string> line);

/// Reads what stands behind the words of a command. No copy of a secret one outlives the call.
/// Errors: UsageError; no message holds more of an argument than the name of an option.
Arguments parse_arguments(const Command& command, std::vector<std::string> rest);

/// True if the line asks for JSON, even if it is wrong elsewhere.
bool wants_json(std::span<const std::string> line);

}  // namespace kist::cli
