// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/command.hpp"

namespace kist::cli {

/// What `kist` alone prints.
std::string overview(std::span<const Command> commands);

/// The commands that begin with one word: "secret".
std::string help_of_group(std::span<const Command> commands, std::string_view word);

std::string help_of_command(const Command& command);

}  // namespace kist::cli
