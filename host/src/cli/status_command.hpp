// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cli/command.hpp"

namespace kist::cli {

/// `kist status`.
std::vector<Command> status_commands();

}  // namespace kist::cli
