// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cli/command.hpp"

namespace kist::cli {

/// `kist run`.
std::vector<Command> run_commands();

}  // namespace kist::cli
