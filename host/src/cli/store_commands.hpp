// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include <boost/json/value.hpp>

#include "cli/command.hpp"
#include "cli/open_host.hpp"

namespace kist::cli {

/// `kist store …`.
std::vector<Command> store_commands();

/// Asks the store whether it could serve. Nothing: it is well.
std::optional<Error> health_of(Session& session, OpenHost& host);

/// What `kist store info --output json` prints, but for the health.
boost::json::value describe_store(const OpenHost& host);

}  // namespace kist::cli
