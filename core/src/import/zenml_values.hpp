// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <kist/secret_value.hpp>
#include <kist/secret_values.hpp>

#include "sealing/aes_gcm.hpp"
#include "secrets/validation.hpp"

namespace kist::core {

/// Opens what ZenML's SQL secrets store wrote into the column `values` of its table `secret`
/// (zenml-io/zenml, src/zenml/zen_stores/schemas/secret_schemas.py): a JSON object of strings, as
///   base64(JSON)                          without an encryption key
///   base64(nonce 12 | tag 16 | AES-256-GCM(JSON))   with one; the tag comes first
/// The AES key is the SHA-256 of the configured key's bytes. There is no associated data, so that
/// nothing tells values that were moved to another row, and no key id, so that keys are tried in
/// turn. One thread at a time.
class ZenmlValues {
 public:
  /// `encryption_keys` are the strings that ZenML was configured with; none: nothing is encrypted.
  /// Errors: internal, if OpenSSL fails.
  explicit ZenmlValues(std::span<const SecretValue> encryption_keys);

  struct Opened {
    SecretValues values;
    std::optional<std::size_t> key;  ///< Which one opened it; nothing: it was not encrypted.
  };

  /// With keys, what is not encrypted is refused: nobody vouches for it. Messages are the end of a
  /// sentence about a secret.
  /// Errors: corrupt: it cannot be decrypted or decoded; those of parse_value_map().
  Opened open(std::string_view stored, const Limits& limits);

 private:
  /// Nothing: no key opens it.
  std::optional<std::size_t> decrypt(std::string_view sealed, detail::SecretBuffer& plain);
  [[noreturn]] void refuse(std::string_view sealed) const;

  std::vector<SecretValue> keys_;  // Of AES.
  AesGcm cipher_;
};

}  // namespace kist::core
