// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cli/command.hpp"

namespace kist::cli {

/// `kist secret …`.
std::vector<Command> secret_commands();

}  // namespace kist::cli
