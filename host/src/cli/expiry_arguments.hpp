// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include <kist/models.hpp>

#include "cli/command.hpp"

namespace kist::cli {

/// The time that --expires-in or --expires gives, in whole seconds: those that a fraction begins
/// are left out, lest it be later than what was asked for. Nothing: neither is there.
/// Errors: UsageError: both are, or it is no time between `now` and the end of the year 9999.
std::optional<Timestamp> expiry_argument(const Arguments& arguments, Timestamp now);

}  // namespace kist::cli
