// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace kist::core {

/// How many insertions, deletions, replacements and swaps of neighbours turn one text into the
/// other (Damerau-Levenshtein; optimal string alignment), counted in bytes.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate that `word` was probably meant to be: the nearest within two edits, and within
/// fewer than half of its letters, so that 'uri' is not taken for 'id'. Of equals the first.
std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> candidates);

/// "a, b, c".
std::string joined(std::span<const std::string_view> words);

/// The end of a sentence about an unknown word: "; did you mean 'path'? Allowed: path, port" or
/// ". Allowed: path, port".
std::string allowed_words(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace kist::core
