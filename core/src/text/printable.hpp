// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kist::core {

/// `text` fit for one line of a terminal or a log, whoever wrote it: control characters (C0, DEL,
/// C1, and the line and paragraph separators) and bytes that are not UTF-8 become \xNN, and what
/// would lie behind the first `limit` bytes becomes "…".
std::string printable(std::string_view text, std::size_t limit = 256);

/// printable() between single quotes.
std::string in_quotes(std::string_view text, std::size_t limit = 256);

/// The size of the UTF-8 sequence that `text` starts with, 1 to 4; 0 if it starts with none:
/// overlong forms, surrogates and what lies beyond U+10FFFF are none (Unicode 15, table 3-7).
std::size_t utf8_sequence_size(std::string_view text);

bool is_utf8(std::string_view text);

/// Whether printable() leaves `text` as it is, whatever its length.
bool is_printable(std::string_view text);

}  // namespace kist::core
