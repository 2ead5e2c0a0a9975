// SPDX-License-Identifier: Apache-2.0
#include "cli/json_output.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include <boost/json/serializer.hpp>
#include <boost/json/value.hpp>

#include <kist/secret_value.hpp>

#include "cli/standard_streams.hpp"
#include "text/base64.hpp"
#include "text/printable.hpp"

namespace kist::cli {
namespace {

constexpr std::size_t kChunkBytes = 4096;

void set_base64(boost::json::string& text, std::string_view bytes) {
  text.resize(core::base64_size(bytes.size()));  // The NUL behind it is there.
  core::write_base64(bytes, text.data());
}

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

detail::SecretBuffer serialized(const boost::json::value& document) {
  detail::SecretBuffer text;
  boost::json::serializer serializer;
  serializer.reset(&document);
  while (!serializer.done()) {
    const std::size_t size = text.size();
    const std::size_t count = serializer.read(text.extend(kChunkBytes), kChunkBytes).size();
    text.truncate(size + count);
  }
  return text;
}

SecretValue line_of(const boost::json::value& document) {
  const detail::SecretBuffer plain = serialized(document);
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

}  // namespace

void set_bytes(boost::json::value& place, std::string_view bytes) {
  if (core::is_utf8(bytes))
    place.emplace_string().assign(bytes);
  else
    set_base64(place.emplace_object()["base64"].emplace_string(), bytes);
}

boost::json::value json_text(std::string_view text) {
  if (core::is_utf8(text)) return boost::json::value(text);
  return boost::json::value(core::printable(text, 4 * text.size()));
}

std::string json_line(const boost::json::value& document) {
  return std::string(line_of(document).reveal());
}

void write_json(const boost::json::value& document) { write_output(line_of(document).reveal()); }

}  // namespace kist::cli
