// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <kist/error.hpp>

#include "api/query.hpp"
#include "text/printable.hpp"

namespace {

void check_text(const std::string& text) {
  if (!kist::core::is_utf8(text) || text.find('\0') != std::string::npos) std::abort();
}

/// As a browser writes it.
std::string encoded(const std::string& text) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    out += {'%', digits[byte >> 4], digits[byte & 15]};
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    const auto parameters = kist::api::parse_query(text);
    if (parameters.size() > kist::api::kMaxParameters) std::abort();
    std::string again;
    for (const auto& parameter : parameters) {
      check_text(parameter.name);
      check_text(parameter.value);
      again += "&" + encoded(parameter.name) + "=" + encoded(parameter.value);
    }
    const auto back = kist::api::parse_query(again);
    if (back.size() != parameters.size()) std::abort();
    for (std::size_t i = 0; i < back.size(); ++i) {
      if (back[i].name != parameters[i].name || back[i].value != parameters[i].value) std::abort();
    }
    static_cast<void>(kist::core::parse_list_request(parameters));
  } catch (const kist::Error& refusal) {
    if (refusal.code != kist::ErrorCode::invalid_argument) std::abort();
  }
  return 0;
}
