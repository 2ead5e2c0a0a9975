// SPDX-License-Identifier: Apache-2.0
#include "cli/json_output.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include <boost/json/value.hpp>

#include "cli/standard_streams.hpp"
#include "text/json_secrets.hpp"
#include "text/printable.hpp"

namespace kist::cli {
namespace {

/// The code point of DEL, of C1 and of the line and paragraph separators; 0 for all else. JSON lets
/// them stand as they are, and terminals obey some of them.
unsigned unsafe_code_point(std::string_view sequence) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(sequence[i]); };
  if (byte(0) == 0x7F) return 0x7F;
  if (sequence.size() == 2 && byte(0) == 0xC2 && byte(1) < 0xA0) return byte(1);
  if (sequence == "\u2028") return 0x2028;
  if (sequence == "\u2029") return 0x2029;
  return 0;
}

}  // namespace

SecretValue json_secret_line(const boost::json::value& document) {
  const detail::SecretBuffer plain = core::json_in_wiped_memory(document);
  detail::SecretBuffer line;
  line.reserve(plain.size() + 64);
  for (std::string_view rest(plain.data(), plain.size()); !rest.empty();) {
    const std::size_t size = std::max<std::size_t>(core::utf8_sequence_size(rest), 1);
    const unsigned point = unsafe_code_point(rest.substr(0, size));
    if (point == 0) {
      line.append(rest.substr(0, size));
    } else {
      constexpr char digits[] = "0123456789abcdef";
      line.append("\\u");
      for (int shift = 12; shift >= 0; shift -= 4) *line.extend(1) = digits[point >> shift & 15];
    }
    rest.remove_prefix(size);
  }
  line.append("\n");
  return SecretValue(std::move(line));
}

boost::json::value json_text(std::string_view text) {
  if (core::is_utf8(text)) return boost::json::value(text);
  return boost::json::value(core::printable(text, 4 * text.size()));
}

std::string json_line(const boost::json::value& document) {
  return std::string(json_secret_line(document).reveal());
}

void write_json(const boost::json::value& document) {
  write_output(json_secret_line(document).reveal());
}

}  // namespace kist::cli
