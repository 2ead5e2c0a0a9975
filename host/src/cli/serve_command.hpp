// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cli/command.hpp"

namespace kist::cli {

/// `kist serve`.
std::vector<Command> serve_commands();

}  // namespace kist::cli
