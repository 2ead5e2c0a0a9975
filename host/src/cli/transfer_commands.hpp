// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cli/command.hpp"

namespace kist::cli {

/// `kist secret export` and `kist secret import`.
std::vector<Command> transfer_commands();

}  // namespace kist::cli
