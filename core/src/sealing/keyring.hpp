// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sealing/key_encryption_key.hpp"

namespace kist::core {

inline constexpr std::size_t kMaxKeyIdBytes = 64;
inline constexpr std::size_t kMaxKeyringKeys = 1000;

/// A key id is 1 to 64 of `a-z A-Z 0-9 . _ -`.
bool is_key_id(std::string_view id);

/// One KEK of the ring.
struct KeyringKey {
  std::string id;
  std::string source;                     ///< For people: "file '/etc/kist/k1.key'".
  std::unique_ptr<KeyEncryptionKey> kek;  ///< Null: it could not be had, and `problem` says why.
  std::string problem = {};
  /// The first 8 hexadecimal digits of a hash of the key, to compare hosts by; empty: the key does
  /// not leave its token.
  std::string fingerprint = {};
};

/// The KEKs that values may be sealed with. New values are sealed with the current one; all others
/// still open. Does not change once it is made.
class Keyring {
 public:
  /// `keys` have different ids; `current` is the id of one of them.
  Keyring(std::vector<KeyringKey> keys, std::string_view current);

  const KeyringKey& current() const { return keys_[current_]; }
  /// Errors: failed_precondition: the current key could not be had, so nothing can be sealed.
  void require_current() const;
  std::span<const KeyringKey> keys() const { return keys_; }
  /// Null: there is none with this id.
  const KeyringKey* find(std::string_view id) const;

 private:
  std::vector<KeyringKey> keys_;
  std::size_t current_ = 0;
};

}  // namespace kist::core
