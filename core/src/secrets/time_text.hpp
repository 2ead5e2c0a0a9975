// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include <kist/models.hpp>

namespace kist::core {

/// A time as someone wrote it: the instants from `time` until before `time + precision`.
struct WrittenTime {
  Timestamp time;
  std::chrono::microseconds precision;  ///< A second, or a microsecond when there is a fraction.
};

/// Reads `YYYY-MM-DD HH:MM:SS` (UTC) or RFC 3339, both with or without a fraction of 1 to 9 digits,
/// of which those behind the microseconds are dropped. Nothing for all else: days that the calendar
/// does not have, an hour of 24, and a second of 60, since times here do not count leap seconds.
std::optional<WrittenTime> parse_time(std::string_view text);

}  // namespace kist::core
