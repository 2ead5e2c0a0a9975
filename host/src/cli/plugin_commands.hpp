// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cli/command.hpp"

namespace kist::cli {

/// `kist plugin …`.
std::vector<Command> plugin_commands();

}  // namespace kist::cli
