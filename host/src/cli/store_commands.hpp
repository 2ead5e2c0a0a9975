// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <boost/json/value.hpp>

#include "cli/command.hpp"
#include "cli/open_host.hpp"

namespace kist::cli {

/// `kist store …`.
std::vector<Command> store_commands();

/// What `kist store info --output json` prints, but for the health.
boost::json::value describe_store(const OpenHost& host);

}  // namespace kist::cli
