// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cli/command.hpp"

namespace kist::cli {

/// Every command, in the order in which help shows them.
std::vector<Command> all_commands();

}  // namespace kist::cli
