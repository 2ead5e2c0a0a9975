// SPDX-License-Identifier: Apache-2.0
#include "cli/times.hpp"

#include <chrono>
#include <ctime>

namespace kist::cli {
namespace {

std::string formatted(Timestamp time, const char* format) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  const std::time_t seconds = second.time_since_epoch().count();
  struct tm parts {};
  char text[64];
  if (::gmtime_r(&seconds, &parts) == nullptr) return "?";
  return {text, std::strftime(text, sizeof(text), format, &parts)};
}

}  // namespace

std::string time_for_people(Timestamp time) { return formatted(time, "%Y-%m-%d %H:%M:%S"); }

std::string time_for_programs(Timestamp time) {
  const auto fraction = time - std::chrono::floor<std::chrono::seconds>(time);
  const std::string digits = std::to_string(1'000'000 + fraction.count());
  return formatted(time, "%Y-%m-%dT%H:%M:%S.") + digits.substr(1) + "Z";
}

std::string second_for_programs(Timestamp time) { return formatted(time, "%Y-%m-%dT%H:%M:%SZ"); }

}  // namespace kist::cli
