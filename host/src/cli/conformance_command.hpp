// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cli/command.hpp"

namespace kist::cli {

/// `kist plugin test`.
std::vector<Command> conformance_commands();

}  // namespace kist::cli
