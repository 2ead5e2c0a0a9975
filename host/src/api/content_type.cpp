// SPDX-License-Identifier: Apache-2.0
#include "api/content_type.hpp"

#include <algorithm>
#include <cstddef>

namespace kist::api {
namespace {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

bool is_word(std::string_view text, std::string_view lower_case) {
  return std::ranges::equal(text, lower_case, {}, [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
}

/// Where the next parameter of a media type begins: a ';' between quotes is part of a value.
std::size_t end_of_parameter(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      quoted = !quoted;
    else if (text[i] == ';' && !quoted)
      return i;
  }
  return text.size();
}

bool is_other_charset(std::string_view parameter) {
  const std::size_t equals = parameter.find('=');
  if (!is_word(trimmed(parameter.substr(0, equals)), "charset")) return false;
  if (equals == std::string_view::npos) return true;
  const std::string_view value = trimmed(parameter.substr(equals + 1));
  return !is_word(value, "utf-8") && !is_word(value, "\"utf-8\"");
}

}  // namespace

bool is_json_type(std::string_view content_type) {
  std::size_t end = end_of_parameter(content_type);
  if (!is_word(trimmed(content_type.substr(0, end)), "application/json")) return false;
  while (end < content_type.size()) {
    content_type.remove_prefix(end + 1);
    end = end_of_parameter(content_type);
    if (is_other_charset(content_type.substr(0, end))) return false;
  }
  return true;
}

}  // namespace kist::api
