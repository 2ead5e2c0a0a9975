// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cli/command.hpp"

namespace kist::cli {

/// audit verify, tail.
std::vector<Command> audit_commands();

}  // namespace kist::cli
