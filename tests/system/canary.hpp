// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace kist::testing {

/// Random bytes that nothing else in the world holds, so that wherever they turn up is a leak.
struct Canary {
  std::string kind;  ///< "value", "key in a file": what a finding calls it.
  std::string bytes;
};

inline constexpr std::size_t kCanaryBytes = 24;

/// Random letters and digits of base32: in JSON, SQL and a shell they stand as they are.
Canary new_canary(std::string kind, std::size_t size = kCanaryBytes);
/// The same, but those of `seed` in every process, and written where they belong.
void write_canary(std::uint64_t seed, char* memory, std::size_t size = kCanaryBytes);

/// Finds canaries, and pieces of them from 12 bytes on: as they are, and as hex (of either case,
/// and backwards), base64 and UTF-16 show them.
class CanarySearch {
 public:
  static constexpr std::size_t kPieceBytesMin = 12;

  CanarySearch();
  void add(const Canary& canary);

  struct Hit {
    std::string kind;  ///< Of the canary.
    std::string form;  ///< "plain", "hex", …
    std::size_t offset;
  };
  /// Every canary once.
  std::vector<Hit> search(std::string_view bytes) const;

 private:
  struct Form {
    std::string kind, name, bytes;
  };
  using Word = std::uint64_t;
  struct Position {
    std::size_t form, offset;
  };

  void add_form(const std::string& kind, const std::string& name, std::string bytes);
  static std::size_t slot_of(Word word);
  bool is_piece(std::string_view bytes, std::size_t at, Position position) const;

  std::vector<Form> forms_;
  std::unordered_multimap<Word, Position> positions_;  // Of every eight bytes of every form.
  std::vector<bool> slots_;                            // Whether positions_ may hold such a word.
};

}  // namespace kist::testing
