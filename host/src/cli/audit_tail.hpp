// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"
#include "cli/session.hpp"

namespace kist::cli {

/// How many lines `kist audit tail` shows unless it is told, and at most.
inline constexpr std::size_t kTailLines = 10, kTailLinesMax = 100'000;

/// Runs `kist audit tail`.
int tail_audit_log(Session& session, const Arguments& arguments);

}  // namespace kist::cli
