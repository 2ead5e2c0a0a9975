// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <kist/models.hpp>
#include <kist/secret_value.hpp>

#include "sealing/key_encryption_key.hpp"

namespace kist::core {

/// Some 900 keys.
inline constexpr std::size_t kMaxKeyringBytes = 64 * 1024;
inline constexpr std::size_t kKeyringKeyDigits = 2 * kKeyBytes;

/// One key of a keyring text.
struct KeyLine {
  std::optional<std::string> id;
  SecretValue key;                    ///< kKeyBytes.
  std::optional<Timestamp> creation;  ///< When it was made.
};

/// Reads a keyring text: lines `<id> <64 hexadecimal digits> [<RFC 3339 time>]`, empty ones, and
/// those that begin with `#`. A line may have the digits alone; then it is the only one with a key.
/// Up to kMaxKeyringBytes; no id and no key is there twice; there may be none. `source` begins
/// messages: "keyring file '/etc/kist/keyring'".
/// Errors: failed_precondition, by number of the line, of which nothing is quoted.
std::vector<KeyLine> parse_keyring(SecretView text, const std::string& source);

}  // namespace kist::core
