// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"
#include "cli/session.hpp"

namespace kist::cli {

/// `kist keys rewrap`.
int rewrap_values(Session& session, const Arguments& arguments);

}  // namespace kist::cli
