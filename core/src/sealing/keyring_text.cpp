// SPDX-License-Identifier: Apache-2.0
#include "sealing/keyring_text.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <string_view>
#include <utility>

#include <kist/error.hpp>

#include "sealing/keyring.hpp"
#include "secrets/time_text.hpp"
#include "text/hex.hpp"
#include "text/printable.hpp"

namespace kist::core {
namespace {

constexpr std::string_view kBlanks = " \t";

/// Takes the text before the first of `ends`, or all of it, away. That one goes too.
std::string_view cut(std::string_view& text, std::string_view ends) {
  const std::size_t end = text.find_first_of(ends);
  const std::string_view first = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return first;
}

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

/// The next word of a line; empty: there is none.
std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  return cut(line, kBlanks);
}

/// Of one text. Refuses without a quote: a line may hold a key, even if it is a wrong one.
class KeyringParser {
 public:
  explicit KeyringParser(const std::string& source) : source_(source) {}

  std::vector<KeyLine> parse(std::string_view text) {
    while (!text.empty()) {
      ++number_;
      std::string_view line = cut(text, "\n");
      if (line.ends_with('\r')) line.remove_suffix(1);
      read(line);
    }
    return std::move(keys_);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(ErrorCode::failed_precondition,
                source_ + ", line " + std::to_string(number_) + ": " + what);
  }

  void read(std::string_view line) {
    for (std::string_view words = line; !words.empty();) {
      // A tab is no printable character, and the only other one that may stand here.
      if (!is_printable(cut(words, "\t"))) refuse("expected UTF-8 without control characters");
    }
    const std::string_view first = next_word(line);
    if (first.empty() || first.starts_with('#')) return;
    KeyLine key;
    std::string_view digits = first;
    if (const std::string_view second = next_word(line); !second.empty()) {
      key.id = id_from(first);
      digits = second;
    }
    key.key = SecretValue::written(kKeyBytes, [&](char* memory) {
      if (!read_hex(digits, memory, kKeyBytes))
        refuse("expected a key id, a key of 64 hexadecimal digits, and perhaps a time");
    });
    key.creation = time_from(next_word(line));
    if (!next_word(line).empty()) refuse("expected nothing behind the time");
    add(std::move(key));
  }

  std::string id_from(std::string_view word) const {
    // A key in the place of the id would show in messages and in envelopes.
    const bool may_be_a_key = word.size() == kKeyringKeyDigits && is_hex(word);
    if (!is_key_id(word) || may_be_a_key)
      refuse("expected a key id of 1 to 64 of the characters a-z A-Z 0-9 . _ - before the key");
    return std::string(word);
  }

  std::optional<Timestamp> time_from(std::string_view word) const {
    if (word.empty()) return std::nullopt;
    const std::optional<WrittenTime> time = parse_time(word);
    if (!time) refuse("expected a time such as 2026-01-31T12:00:00Z behind the key");
    return time->time;
  }

  void add(KeyLine key) {
    if (!keys_.empty() && (!key.id || !keys_.front().id))
      refuse("a key without an id must be the only one");
    if (key.id && !ids_.insert(*key.id).second) refuse("the key id is there twice");
    for (const KeyLine& other : keys_) {
      if (other.key.reveal() == key.key.reveal()) refuse("the key is there twice");
    }
    keys_.push_back(std::move(key));
  }

  const std::string& source_;
  std::size_t number_ = 0;
  std::vector<KeyLine> keys_;
  std::set<std::string, std::less<>> ids_;
};

}  // namespace

std::vector<KeyLine> parse_keyring(SecretView text, const std::string& source) {
  if (text.size() > kMaxKeyringBytes)
    throw Error(ErrorCode::failed_precondition,
                source + " is larger than " + std::to_string(kMaxKeyringBytes) + " bytes");
  return KeyringParser(source).parse(text.reveal());
}

}  // namespace kist::core
