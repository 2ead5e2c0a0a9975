// SPDX-License-Identifier: Apache-2.0
#include "config/json_syntax_error.hpp"

#include <algorithm>
#include <string>

#include <kist/error.hpp>

#include "text/printable.hpp"

namespace kist::core {
namespace {

namespace json = boost::json;

std::string_view expected_after(JsonSyntax syntax, bool separated) {
  switch (syntax) {
    case JsonSyntax::begin:
      return "a value";
    case JsonSyntax::object_begin:
      return "a key in double quotes or '}'";
    case JsonSyntax::array_begin:
      return "a value or ']'";
    case JsonSyntax::after_key:
      return separated ? "a value" : "':'";
    case JsonSyntax::after_member:
      return separated ? "a key in double quotes" : "',' or '}'";
    case JsonSyntax::after_element:
      return separated ? "a value" : "',' or ']'";
    case JsonSyntax::end:
      return "the end of the file";
  }
  return "something else";
}

/// One character, never more: what stands there may be part of a secret.
std::string found_at(std::string_view text, std::size_t offset) {
  if (offset >= text.size()) return "the end of the file";
  const std::size_t size = std::max<std::size_t>(1, utf8_sequence_size(text.substr(offset)));
  return in_quotes(text.substr(offset, size));
}

std::string describe_in_string(const JsonFailure& failure) {
  if (failure.error == json::error::incomplete || failure.offset >= failure.text.size()) {
    return "the file ends within a string";
  }
  const auto byte = static_cast<unsigned char>(failure.text[failure.offset]);
  if (failure.error != json::error::syntax) return failure.error.message() + " in a string";
  if (byte >= 0x80) return "a string is not UTF-8";
  if (byte == '\n' || byte == '\r') return "a string is not closed before the end of its line";
  if (byte < 0x20) return "a control character in a string must be written as an escape";
  // The parser stops behind the first byte of a longer sequence when the next does not fit.
  const auto before = static_cast<unsigned char>(failure.text[failure.offset - 1]);
  if (before >= 0x80) return "a string is not UTF-8";
  return "unknown or incomplete escape in a string";
}

}  // namespace

void throw_json_syntax_error(const JsonFailure& failure) {
  JsonCursor cursor = failure.cursor;
  if (cursor.offset() > failure.offset) {  // Within what the cursor took for one number, as in 01.
    cursor = JsonCursor(failure.text);
    cursor.advance_to(failure.offset);
  }
  const bool separated = cursor.skip_to_token(failure.offset);
  const bool in_token = cursor.offset() < failure.offset;
  const bool in_string = in_token && failure.text[cursor.offset()] == '"';
  std::string message;
  if (in_string) {
    message = describe_in_string(failure);
    if (failure.error != json::error::incomplete) cursor.advance_to(failure.offset);
  } else if (failure.error == json::error::too_deep) {
    message = "brackets are nested deeper than " + std::to_string(kJsonDepthMax) + " levels";
  } else if (failure.error == json::error::syntax || failure.error == json::error::incomplete ||
             failure.error == json::error::extra_data) {
    message = "expected " + std::string(expected_after(failure.syntax, separated)) + ", found " +
              found_at(failure.text, cursor.offset());
  } else {
    message = failure.error.message();
  }
  throw Error(ErrorCode::invalid_argument, failure.document.at(cursor.position()) + ": " + message);
}

}  // namespace kist::core
