// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <boost/json/value.hpp>

#include "cli/session.hpp"

namespace kist::cli {

/// What a server says of itself under a path of its API: "/store". As it is, or as tables. The
/// session has a server. Gives the exit code.
int show_of_server(Session& session, const std::string& path);

/// An object for people: a row for each member, and behind them a table for each list of objects.
std::string tables_of(const boost::json::value& document);

}  // namespace kist::cli
