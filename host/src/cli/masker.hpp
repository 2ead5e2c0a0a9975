// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <kist/secret_value.hpp>

namespace kist::cli {

/// What shorter values would mask is more often something else.
inline constexpr std::size_t kMaskedBytesMin = 4;
inline constexpr std::string_view kMask = "(masked)";

/// The values to look for in a text, prepared for it. Line ends at the end of a value do not count:
/// programs drop them.
class MaskedValues {
 public:
  /// False: the value is too short, and is not looked for.
  bool add(std::string_view value);

 private:
  friend class Masker;

  struct Pattern {
    SecretValue bytes;
    /// Of each beginning, the size of its longest end that is a beginning too (Knuth, Morris and
    /// Pratt).
    std::vector<std::uint32_t> fallback;
  };

  std::vector<Pattern> patterns_;
  std::array<std::vector<std::size_t>, 256> starting_;  // Patterns by their first byte.
};

/// Replaces every occurrence of a value in a stream, however the stream is cut, by kMask; values
/// that overlap or touch each other make one. What may be the beginning of a value is kept back
/// until it is decided, and nothing else is. The time grows with the text and the number of values.
class Masker {
 public:
  /// `values` outlives it, and gets no more of them.
  explicit Masker(const MaskedValues& values);

  /// Appends to `out` what can be shown of all that came.
  void feed(std::string_view text, detail::SecretBuffer& out);
  /// Appends the rest: the stream has ended.
  void finish(detail::SecretBuffer& out);

 private:
  struct Step {
    std::size_t begun = 0;  // The longest beginning of a value that the text ends with.
    std::size_t ended = 0;  // The longest value that it ends with.
  };

  Step advance(unsigned char byte);
  void advance(std::size_t pattern, char byte, Step& step);
  /// Shows what of kept_ stands before `end`.
  void show(std::size_t end, detail::SecretBuffer& out);

  const MaskedValues& values_;
  std::vector<std::uint32_t> matched_;  // Of each pattern.
  std::vector<std::size_t> active_;     // Patterns of which something is matched.
  detail::SecretBuffer kept_;
  std::size_t shown_ = 0;      // Bytes of kept_ that are kept no longer.
  std::vector<bool> covered_;  // Of each byte of kept_, whether it is part of a value.
  bool in_mask_ = false;       // What was shown last is kMask.
};

}  // namespace kist::cli
