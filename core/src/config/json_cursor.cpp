// SPDX-License-Identifier: Apache-2.0
#include "config/json_cursor.hpp"

#include <algorithm>

namespace kist::core {
namespace {

bool is_in(std::string_view set, char c) { return set.find(c) != std::string_view::npos; }

}  // namespace

void JsonCursor::advance() {
  const auto byte = static_cast<unsigned char>(text_[offset_++]);
  if (byte == '\n') {
    ++position_.line;
    position_.column = 1;
  } else if (offset_ == text_.size() ||
             (static_cast<unsigned char>(text_[offset_]) & 0xC0) != 0x80) {
    ++position_.column;  // Only once all bytes of a code point are passed.
  }
}

void JsonCursor::advance_to(std::size_t offset) {
  offset = std::min(offset, text_.size());
  while (offset_ < offset) advance();
}

void JsonCursor::skip_comment(std::size_t limit) {
  const bool is_line = at("//");
  const std::string_view end = is_line ? "\n" : "*/";
  const std::size_t found = text_.find(end, offset_ + 2);
  advance_to(std::min(limit, found == std::string_view::npos ? text_.size() : found + end.size()));
}

bool JsonCursor::skip_comment() {
  if (!at("//") && !at("/*")) return false;
  skip_comment(text_.size());
  return true;
}

void JsonCursor::skip_string_or_character() { text_[offset_] == '"' ? skip_string() : advance(); }

void JsonCursor::skip_string() {
  advance();
  while (offset_ < text_.size() && text_[offset_] != '"') {
    if (text_[offset_] == '\\') advance();
    if (offset_ < text_.size()) advance();
  }
  if (offset_ < text_.size()) advance();
}

bool JsonCursor::skip_to_token() { return skip_to_token(text_.size()); }

bool JsonCursor::skip_to_token(std::size_t limit) {
  bool separated = false;
  limit = std::min(limit, text_.size());
  while (offset_ < limit) {
    const char c = text_[offset_];
    if (at("//") || at("/*")) {
      skip_comment(limit);
    } else if (is_in(" \t\r\n,:", c)) {
      separated = separated || c == ',' || c == ':';
      advance();
    } else {
      break;
    }
  }
  return separated;
}

SourcePosition JsonCursor::take_token() {
  skip_to_token();
  const SourcePosition start = position_;
  if (offset_ == text_.size()) return start;
  if (text_[offset_] == '"') {
    skip_string();
  } else if (is_in("{}[]", text_[offset_])) {
    advance();
  } else {
    while (offset_ < text_.size() && !is_in(" \t\r\n,:]}/", text_[offset_])) advance();
  }
  return start;
}

}  // namespace kist::core
