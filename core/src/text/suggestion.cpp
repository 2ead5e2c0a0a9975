// SPDX-License-Identifier: Apache-2.0
#include "text/suggestion.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "text/printable.hpp"

namespace kist::core {
namespace {

constexpr std::size_t kEditsMax = 2;
constexpr std::size_t kWordBytesMax = 128;  // Nobody mistypes more, and the cost is quadratic.

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last, last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    before_last = std::exchange(last, row);
  }
  return last[b.size()];
}

std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> candidates) {
  if (word.size() > kWordBytesMax) return std::nullopt;
  std::optional<std::string_view> best;
  std::size_t best_distance = kEditsMax + 1;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > kWordBytesMax) continue;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance >= best_distance || 2 * distance >= std::max(word.size(), candidate.size()))
      continue;
    best = candidate;
    best_distance = distance;
  }
  return best;
}

std::string joined(std::span<const std::string_view> words) {
  std::string out;
  for (const std::string_view word : words) {
    if (!out.empty()) out += ", ";
    out += word;
  }
  return out;
}

std::string allowed_words(std::string_view word, std::span<const std::string_view> candidates) {
  const auto guess = nearest(word, candidates);
  std::string out = guess ? "; did you mean " + in_quotes(*guess) + "?" : ".";
  return out + (candidates.empty() ? " Allowed: none" : " Allowed: " + joined(candidates));
}

}  // namespace kist::core
