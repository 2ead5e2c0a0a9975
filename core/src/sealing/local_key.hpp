// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sealing/key_encryption_key.hpp"

namespace kist::core {

/// A KEK whose bytes are in this process.
class LocalKey final : public KeyEncryptionKey {
 public:
  /// `bytes` are kKeyBytes.
  explicit LocalKey(SecretValue bytes) : bytes_(std::move(bytes)) {}

  WrappedKey wrap(SecretView dek, std::string_view associated) const override;
  std::optional<SecretValue> unwrap(const WrappedKey& wrapped,
                                    std::string_view associated) const override;

 private:
  SecretValue bytes_;
};

/// kKeyBytes that nobody has seen.
SecretValue new_key();

/// The first 8 hexadecimal digits of SHA-256 over "kist-fingerprint-1" and the key: tells keys
/// apart, and nothing about them.
std::string fingerprint_of(SecretView key);

}  // namespace kist::core
