// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cli/command.hpp"

namespace kist::cli {

/// `kist config …`.
std::vector<Command> config_commands();

}  // namespace kist::cli
