// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "cli/command.hpp"
#include "cli/process_setup.hpp"
#include "config/environment.hpp"

namespace kist::cli {

/// Finds the command that the line names, and runs it. Gives the exit code. Errors: UsageError, and
/// those of the command.
int run_command_line(std::span<const Command> commands, std::vector<std::string> line,
                     const core::Environment& environment, const Inherited& inherited);

}  // namespace kist::cli
