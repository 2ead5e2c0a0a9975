// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cli/command.hpp"

namespace kist::cli {

/// `kist store …`.
std::vector<Command> store_commands();

}  // namespace kist::cli
