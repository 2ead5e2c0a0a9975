// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <boost/json/value.hpp>

#include "cli/command.hpp"
#include "config/configuration.hpp"

namespace kist::cli {

/// `kist plugin …`.
std::vector<Command> plugin_commands();

/// What `kist plugin list --output json` prints: each plugin, its state, and why one was refused.
boost::json::value describe_plugins(const core::PluginSettings& settings);

}  // namespace kist::cli
