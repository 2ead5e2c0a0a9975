// SPDX-License-Identifier: Apache-2.0
#include "text/printable.hpp"

#include <cstdint>

namespace kist::core {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t index) {
  return static_cast<std::uint8_t>(text[index]);
}

bool is_in(std::string_view text, std::size_t index, std::uint8_t low, std::uint8_t high) {
  return index < text.size() && byte_at(text, index) >= low && byte_at(text, index) <= high;
}

/// Terminals obey U+0080 to U+009F too, readers of logs may break lines at U+2028 and U+2029, and
/// the marks of writing direction (U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069, U+061C) show
/// a name as another.
bool is_control(std::string_view sequence) {
  const std::uint8_t first = byte_at(sequence, 0);
  if (sequence.size() == 1) return first < 0x20 || first == 0x7F;
  if (sequence.size() == 2)
    return (first == 0xC2 && byte_at(sequence, 1) < 0xA0) || sequence == "\u061C";
  if (sequence.size() == 4) return false;
  return sequence == "\u200E" || sequence == "\u200F" ||
         (sequence >= "\u2028" && sequence <= "\u202E") ||
         (sequence >= "\u2066" && sequence <= "\u2069");
}

void append_escaped(std::string& out, std::string_view bytes) {
  constexpr char digits[] = "0123456789abcdef";
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    out += "\\x";
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
}

}  // namespace

std::size_t utf8_sequence_size(std::string_view text) {
  if (text.empty()) return 0;
  const std::uint8_t first = byte_at(text, 0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return is_in(text, 1, 0x80, 0xBF) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const std::uint8_t low = first == 0xE0 ? 0xA0 : 0x80;
    const std::uint8_t high = first == 0xED ? 0x9F : 0xBF;
    return is_in(text, 1, low, high) && is_in(text, 2, 0x80, 0xBF) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const std::uint8_t low = first == 0xF0 ? 0x90 : 0x80;
    const std::uint8_t high = first == 0xF4 ? 0x8F : 0xBF;
    const bool valid =
        is_in(text, 1, low, high) && is_in(text, 2, 0x80, 0xBF) && is_in(text, 3, 0x80, 0xBF);
    return valid ? 4 : 0;
  }
  return 0;
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (byte_at(text, at) < 0x80) {  // Most text is ASCII.
      ++at;
      continue;
    }
    const std::size_t size = utf8_sequence_size(text.substr(at));
    if (size == 0) return false;
    at += size;
  }
  return true;
}

bool is_printable(std::string_view text) {
  // Without a way out of the loop, the compiler looks at many characters at once.
  bool is_ascii = true;
  for (const char c : text) is_ascii &= c >= 0x20 && c < 0x7F;
  if (is_ascii) return true;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = utf8_sequence_size(text.substr(at));
    if (size == 0 || is_control(text.substr(at, size))) return false;
    at += size;
  }
  return true;
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string out;
  while (!text.empty()) {
    const std::size_t valid = utf8_sequence_size(text);
    const std::string_view sequence = text.substr(0, valid == 0 ? 1 : valid);
    const bool escape = valid == 0 || is_control(sequence);
    if (out.size() + (escape ? 4 * sequence.size() : sequence.size()) > limit) return out + "…";
    if (escape)
      append_escaped(out, sequence);
    else
      out += sequence;
    text.remove_prefix(sequence.size());
  }
  return out;
}

std::string in_quotes(std::string_view text, std::size_t limit) {
  return "'" + printable(text, limit) + "'";
}

}  // namespace kist::core
