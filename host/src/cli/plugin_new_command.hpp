// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cli/command.hpp"

namespace kist::cli {

std::vector<Command> plugin_new_commands();

}  // namespace kist::cli
