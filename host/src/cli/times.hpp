// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <kist/models.hpp>

namespace kist::cli {

/// "2026-03-01 12:00:00": UTC, in the form that filters take.
std::string time_for_people(Timestamp time);

/// RFC 3339, "2026-03-01T12:00:00.000000Z".
std::string time_for_programs(Timestamp time);
/// The same of whole seconds, "2026-03-01T12:00:00Z".
std::string second_for_programs(Timestamp time);

}  // namespace kist::cli
