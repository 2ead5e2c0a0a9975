// SPDX-License-Identifier: Apache-2.0
#include "cli/yaml_scalar.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <utility>

#include "text/printable.hpp"

namespace kist::cli {
namespace {

struct Escape {
  char letter;
  std::uint32_t point;
};

// YAML 1.2, 5.7; all of these are in 1.1 too.
constexpr Escape kEscapes[] = {{'0', 0},    {'a', 7},    {'b', 8},      {'t', 9},
                               {'n', 10},   {'v', 11},   {'f', 12},     {'r', 13},
                               {'e', 27},   {' ', ' '},  {'"', '"'},    {'\\', '\\'},
                               {'N', 0x85}, {'_', 0xA0}, {'L', 0x2028}, {'P', 0x2029}};

/// What a plain scalar means that is no text, to one reader or another.
constexpr std::string_view kWordsOfYaml[] = {"y",     "yes", "n",   "no",  "true",
                                             "false", "on",  "off", "null"};

void append_point(detail::SecretBuffer& out, std::uint32_t point) {
  const auto put = [&](std::uint32_t byte) { *out.extend(1) = static_cast<char>(byte); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xC0 | point >> 6);
  } else if (point < 0x10000) {
    put(0xE0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3F));
  } else {
    put(0xF0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3F));
    put(0x80 | (point >> 6 & 0x3F));
  }
  put(0x80 | (point & 0x3F));
}

/// Nothing: they are no such digits, or no character.
std::optional<std::uint32_t> hex_point(std::string_view digits) {
  std::uint32_t point = 0;
  for (const char c : digits) {
    const bool is_digit = c >= '0' && c <= '9';
    const char letter = static_cast<char>(c | 0x20);
    if (!is_digit && (letter < 'a' || letter > 'f')) return std::nullopt;
    point = point << 4 | static_cast<std::uint32_t>(is_digit ? c - '0' : letter - 'a' + 10);
  }
  if (point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) return std::nullopt;
  return point;
}

std::size_t digits_of(char letter) {
  return letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
}

bool is_plain(std::string_view text) {
  if (text.empty() || !((text[0] | 0x20) >= 'a' && (text[0] | 0x20) <= 'z')) return false;
  if (text.find_first_not_of(
          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+-") !=
      std::string_view::npos)
    return false;
  std::string word(text);
  std::ranges::transform(word, word.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  });
  return std::ranges::find(kWordsOfYaml, word) == std::end(kWordsOfYaml);
}

class ScalarReader {
 public:
  ScalarReader(std::string_view line, const std::function<void(const std::string&)>& refuse)
      : line_(line), refuse_(refuse) {}

  YamlScalar read() {
    if (line_.starts_with('"')) return double_quoted();
    if (line_.starts_with('\'')) return single_quoted();
    const std::size_t end = std::min(line_.find_first_of(": \t"), line_.size());
    if (!is_plain(line_.substr(0, end))) refuse("a text has to stand between double quotes here");
    return {SecretValue(line_.substr(0, end)), line_.substr(end)};
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    refuse_(why);
    std::abort();  // It has thrown.
  }

  YamlScalar double_quoted() {
    for (std::size_t i = 1; i < line_.size(); ++i) {
      if (line_[i] == '"') return {SecretValue(std::move(out_)), line_.substr(i + 1)};
      if (line_[i] == '\\' && i + 1 < line_.size())
        i += append_escaped(line_.substr(i + 1));
      else
        out_.append(line_.substr(i, 1));
    }
    refuse("the double quote is not closed on its line");
  }

  /// Gives how many characters the escape has behind the backslash.
  std::size_t append_escaped(std::string_view text) {
    if (const std::size_t digits = digits_of(text[0]); digits != 0) {
      const auto point =
          text.size() > digits ? hex_point(text.substr(1, digits)) : std::optional<std::uint32_t>();
      if (!point) refuse("an escape of hexadecimal digits is no character");
      append_point(out_, *point);
      return digits + 1;
    }
    const auto* const found = std::ranges::find(kEscapes, text[0], &Escape::letter);
    if (found == std::end(kEscapes)) refuse("a backslash is followed by what is no escape");
    append_point(out_, found->point);
    return 1;
  }

  YamlScalar single_quoted() {
    for (std::size_t i = 1; i < line_.size(); ++i) {
      const bool quote = line_[i] == '\'';
      if (quote && !line_.substr(i + 1).starts_with('\''))
        return {SecretValue(std::move(out_)), line_.substr(i + 1)};
      out_.append(line_.substr(i, 1));
      if (quote) ++i;
    }
    refuse("the single quote is not closed on its line");
  }

  std::string_view line_;
  const std::function<void(const std::string&)>& refuse_;
  detail::SecretBuffer out_;
};

}  // namespace

void append_yaml_text(detail::SecretBuffer& out, std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  out.append("\"");
  while (!text.empty()) {
    const std::size_t size = std::max<std::size_t>(core::utf8_sequence_size(text), 1);
    const std::string_view sequence = text.substr(0, size);
    if (sequence == "\"" || sequence == "\\") {
      out.append("\\");
      out.append(sequence);
    } else if (sequence == "\n") {
      out.append("\\n");
    } else if (core::is_printable(sequence) && sequence != "\uFEFF") {
      out.append(sequence);
    } else if (size == 1 || (size == 2 && sequence[0] == '\xC2')) {  // C0, DEL, C1.
      const auto byte = static_cast<unsigned char>(sequence.back());
      out.append("\\x");
      *out.extend(1) = digits[byte >> 4];
      *out.extend(1) = digits[byte & 15];
    } else if (sequence == "\uFEFF") {
      out.append("\\uFEFF");
    } else {  // The line and the paragraph separator.
      out.append(sequence == "\u2028" ? "\\L" : "\\P");
    }
    text.remove_prefix(size);
  }
  out.append("\"");
}

YamlScalar read_yaml_scalar(std::string_view line,
                            const std::function<void(const std::string& why)>& refuse) {
  return ScalarReader(line, refuse).read();
}

}  // namespace kist::cli
