// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "config/json_document.hpp"

namespace kist::core {

/// Follows the parser through the text to learn where each token begins, which the parser does not
/// tell. It understands only as much of JSON as that needs: the parser has already found the token
/// good.
class JsonCursor {
 public:
  explicit JsonCursor(std::string_view text) : text_(text) {}

  /// Passes over the next key, scalar or bracket, and returns where it begins.
  SourcePosition take_token();

  /// Passes over blanks, comments and separators. True: a ',' or ':' was among them.
  bool skip_to_token();
  /// As above, but stops before `limit`.
  bool skip_to_token(std::size_t limit);
  /// Passes over the comment that begins here, or to the end of a text that does not close it.
  /// False: none begins here.
  bool skip_comment();
  /// Passes over the string that begins here, or else over one byte.
  void skip_string_or_character();
  /// Passes over the bytes before `offset`.
  void advance_to(std::size_t offset);

  std::size_t offset() const { return offset_; }
  SourcePosition position() const { return position_; }

 private:
  bool at(std::string_view word) const { return text_.substr(offset_, word.size()) == word; }
  void advance();
  void skip_comment(std::size_t limit);
  void skip_string();

  std::string_view text_;
  std::size_t offset_ = 0;
  SourcePosition position_;
};

}  // namespace kist::core
