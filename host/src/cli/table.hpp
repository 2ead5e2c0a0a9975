// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kist::cli {

/// Rows of text in columns that are as wide as their widest cell; the last one is not padded, and
/// nothing is wrapped or cut. What is in a cell is made fit for a terminal.
class Table {
 public:
  /// Without headings there is no first line.
  explicit Table(std::vector<std::string> headings = {});

  void row(std::vector<std::string> cells);
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// How many columns of a terminal the text takes: two for East Asian wide characters and emoji,
/// none for combining marks.
std::size_t display_width(std::string_view text);

}  // namespace kist::cli
