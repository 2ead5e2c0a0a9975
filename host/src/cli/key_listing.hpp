// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"
#include "cli/session.hpp"

namespace kist::cli {

/// `kist keys list`: the keys of the ring, and with --usage how many values are under each.
int list_keys(Session& session, const Arguments& arguments);

}  // namespace kist::cli
