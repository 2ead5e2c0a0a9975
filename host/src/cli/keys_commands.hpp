// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cli/command.hpp"

namespace kist::cli {

/// keys init, list, rotate, rewrap.
std::vector<Command> keys_commands();

}  // namespace kist::cli
