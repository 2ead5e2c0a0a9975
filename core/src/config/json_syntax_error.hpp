// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <boost/json/error.hpp>

#include "config/json_cursor.hpp"
#include "config/json_document.hpp"

namespace kist::core {

/// What the parser saw last, and so what may follow.
enum class JsonSyntax : std::uint8_t {
  begin,
  object_begin,
  array_begin,
  after_key,
  after_member,
  after_element,
  end
};

/// Where and how the parser gave up.
struct JsonFailure {
  const JsonDocument& document;
  std::string_view text;
  JsonCursor cursor;  ///< Behind the last good token.
  JsonSyntax syntax;
  std::size_t offset;  ///< Of the byte that the parser did not take.
  boost::json::error_code error;
};

/// Throws what parse_json_document() promises: the parser itself says no more than "syntax error".
[[noreturn]] void throw_json_syntax_error(const JsonFailure& failure);

}  // namespace kist::core
