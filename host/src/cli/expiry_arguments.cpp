// SPDX-License-Identifier: Apache-2.0
#include "cli/expiry_arguments.hpp"

#include <charconv>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "secrets/time_text.hpp"
#include "text/printable.hpp"

namespace kist::cli {
namespace {

struct Unit {
  char letter;
  std::chrono::seconds size;
};
constexpr Unit kUnits[] = {{'s', std::chrono::seconds(1)},
                           {'m', std::chrono::minutes(1)},
                           {'h', std::chrono::hours(1)},
                           {'d', std::chrono::days(1)},
                           {'w', std::chrono::weeks(1)}};

// What a configuration can say.
constexpr Timestamp kEnd = std::chrono::sys_days(std::chrono::year(10'000) / 1 / 1);

std::optional<std::chrono::seconds> unit_of(char letter) {
  for (const Unit& unit : kUnits) {
    if (unit.letter == letter) return unit.size;
  }
  return std::nullopt;
}

/// "90d"; nothing if it is none. One that is too long for a number counts as the longest.
std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto unit = unit_of(text.back());
  text.remove_suffix(1);
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const bool is_number = error != std::errc::invalid_argument && end == text.data() + text.size();
  const bool is_too_large = error == std::errc::result_out_of_range;
  if (!unit || !is_number || (count == 0 && !is_too_large)) return std::nullopt;
  const auto most = static_cast<std::uint64_t>(std::chrono::seconds::max() / *unit);
  if (is_too_large || count > most) return std::chrono::seconds::max();
  return *unit * static_cast<std::int64_t>(count);
}

Timestamp after(const std::string& text, Timestamp now) {
  const auto duration = parse_duration(text);
  if (!duration)
    throw UsageError(
        "--expires-in is " + core::in_quotes(text, 64) +
        "; expected a whole number from 1 with one of s, m, h, d, w behind it, such as "
        "'90d'");
  if (*duration >= std::chrono::floor<std::chrono::seconds>(kEnd - now))
    throw UsageError("--expires-in is " + core::in_quotes(text, 64) +
                     ", which ends behind the year 9999; without it the token does not expire");
  return std::chrono::floor<std::chrono::seconds>(now + *duration);
}

Timestamp at(const std::string& text, Timestamp now) {
  const auto written = core::parse_time(text);
  if (!written || written->time >= kEnd)
    throw UsageError("--expires is " + core::in_quotes(text, 64) +
                     "; expected a time such as '2027-01-31T12:00:00Z', or --expires-in with a "
                     "duration such as '90d'");
  const Timestamp second = std::chrono::floor<std::chrono::seconds>(written->time);
  if (second <= now)
    throw UsageError("--expires is " + core::in_quotes(text, 64) + ", which has passed");
  return second;
}

}  // namespace

std::optional<Timestamp> expiry_argument(const Arguments& arguments, Timestamp now) {
  const auto duration = arguments.one("expires-in"), time = arguments.one("expires");
  if (duration && time)
    throw UsageError("--expires-in and --expires are two ways of saying the same; give one");
  if (!duration && !time) return std::nullopt;
  return duration ? after(*duration, now) : at(*time, now);
}

}  // namespace kist::cli
