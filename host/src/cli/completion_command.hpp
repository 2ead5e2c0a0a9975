// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cli/command.hpp"

namespace kist::cli {

/// `kist completion`.
std::vector<Command> completion_commands();

}  // namespace kist::cli
