// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cli/command.hpp"

namespace kist::cli {

/// token new.
std::vector<Command> token_commands();

}  // namespace kist::cli
