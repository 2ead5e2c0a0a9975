// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <kist/secret_value.hpp>

#include "access/token_mac.hpp"

namespace kist::core {

// A token is `kist_`, a lookup id, `_` and its secret, of which each character is five random bits:
// 260 in all. One double click selects it, and [a-z2-7] is all that a scanner has to look for.
inline constexpr std::string_view kTokenPrefix = "kist_";
inline constexpr std::size_t kLookupIdSize = 8;
inline constexpr std::size_t kTokenSecretSize = 52;
inline constexpr std::size_t kTokenSize =
    kTokenPrefix.size() + kLookupIdSize + 1 + kTokenSecretSize;

using LookupId = std::array<char, kLookupIdSize>;

/// Errors: internal: there are no random bytes.
SecretValue new_token();

/// Where a token's lookup id stands. `token` has kTokenSize bytes, of any kind.
LookupId lookup_id_of(std::string_view token) noexcept;

/// What a configuration keeps of a token: enough to recognise it, and too little to make it. It is
/// bound to the name of a principal, and recognises nothing under another.
struct TokenHash {
  LookupId lookup_id;
  std::array<std::uint8_t, 16> key;  ///< Random, of this token alone.
  TokenMac mac;

  /// Errors: internal: there are no random bytes.
  static TokenHash make(SecretView token, std::string_view principal);

  /// Reads what to_string() writes, and nothing else: `v1.<lookup id>.<key>.<mac>`, the last two in
  /// hexadecimal digits of lower case.
  static std::optional<TokenHash> parse(std::string_view text);
  std::string to_string() const;
};

/// The key under which `mac` is the MAC of the token. To bind the name here, and not with each
/// token that is shown, keeps the work for that the same however long the name is.
TokenMac principal_key(const TokenHash& hash, std::string_view principal);

}  // namespace kist::core
