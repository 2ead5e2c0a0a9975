// SPDX-License-Identifier: Apache-2.0
#include "loader/call_trace.hpp"

#include <cstdio>

namespace kist::core {
namespace {

std::string_view name_of(kist_status status) {
  return status == KIST_OK ? "ok" : to_string(error_code_from(status));
}

std::string counted(std::size_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

std::string describe(const TracedCall::Amount& amount) {
  return counted(amount.values, "value") + " of " + counted(amount.bytes, "byte");
}

}  // namespace

std::string outcome_of(const TracedCall& call) {
  const std::string_view returned = name_of(call.status);
  const std::string_view judged = call.error ? to_string(*call.error) : "ok";
  if (returned == judged) return std::string(judged);
  return std::string(judged) + " (returned " + std::string(returned) + ")";
}

std::string describe(const TracedCall& call) {
  char time[32];
  std::snprintf(time, sizeof time, "%.3f",
                std::chrono::duration<double, std::milli>(call.took).count());
  std::string line = std::string(call.store) + ": " + std::string(call.function);
  if (call.id) line += " " + call.id->to_string();
  line += ": " + outcome_of(call) + " in " + time + " ms";
  if (call.given) line += ", took " + describe(*call.given);
  if (call.secret) line += ", gave " + describe(*call.secret);
  if (call.rows) line += ", sent " + counted(*call.rows, "row");
  return line;
}

}  // namespace kist::core
