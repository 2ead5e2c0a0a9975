// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cli/command.hpp"

namespace kist::cli {

/// `kist import …`.
std::vector<Command> import_commands();

}  // namespace kist::cli
