// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "cli/command.hpp"
#include "client/http_client.hpp"
#include "config/environment.hpp"

namespace kist::cli {

/// The server that --server or KIST_SERVER names, and how to show who asks. Nothing: the command
/// works on the store that is configured here: neither is given, or the command knows no servers,
/// or its line says which store is meant.
///
/// KIST_TOKEN is forgotten in any case, so call it while the process has one thread.
/// Errors: UsageError; invalid_argument; those of the file that --token-file names.
std::optional<client::ServerSettings> server_of(const Command& command, const Arguments& arguments,
                                                const core::Environment& environment);

/// What should be known of the files that hold secrets: others can get at them.
std::vector<std::string> server_warnings(const Arguments& arguments);

}  // namespace kist::cli
