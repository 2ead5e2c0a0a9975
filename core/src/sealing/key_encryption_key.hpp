// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <kist/secret_value.hpp>

namespace kist::core {

/// Of AES-256-GCM, NIST SP 800-38D: the key, the nonce, the tag.
inline constexpr std::size_t kKeyBytes = 32, kNonceBytes = 12, kTagBytes = 16;

/// A DEK as an envelope carries it: nonce, ciphertext, tag.
inline constexpr std::size_t kWrappedKeyBytes = kNonceBytes + kKeyBytes + kTagBytes;
using WrappedKey = std::array<char, kWrappedKeyBytes>;

/// A KEK, wherever it is kept: it wraps DEKs with AES-256-GCM, and does not show itself. Threads:
/// any number.
///
/// Errors of both: unavailable: what keeps the key cannot be reached now.
class KeyEncryptionKey {
 public:
  virtual ~KeyEncryptionKey() = default;

  /// Wraps a DEK of kKeyBytes under a nonce of its own. `associated` is authenticated with it.
  virtual WrappedKey wrap(SecretView dek, std::string_view associated) const = 0;

  /// Nothing: it was wrapped by another key, with other associated data, or has been altered.
  virtual std::optional<SecretValue> unwrap(const WrappedKey& wrapped,
                                            std::string_view associated) const = 0;
};

}  // namespace kist::core
