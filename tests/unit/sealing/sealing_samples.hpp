// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kist/error.hpp>
#include <kist/secret_values.hpp>
#include <kist/uuid.hpp>

#include "sealing/keyring.hpp"
#include "sealing/local_key.hpp"

namespace kist::core::testing {

/// The bytes of hexadecimal digits in lower case.
inline std::string from_hex(std::string_view digits) {
  constexpr std::string_view all = "0123456789abcdef";
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes += static_cast<char>(all.find(digits[i]) << 4 | all.find(digits[i + 1]));
  return bytes;
}

/// The id whose bytes are all `byte`.
inline Uuid uuid_of(std::uint8_t byte) {
  Uuid id;
  id.bytes.fill(byte);
  return id;
}

inline constexpr Uuid kDeployment{{0xD0}};

/// 32 times the last character of the key's id.
inline SecretValue key_named(std::string_view id) {
  return SecretValue(std::string(kKeyBytes, id.back()));
}

inline Keyring keyring_of(std::initializer_list<std::string_view> ids, std::string_view current) {
  std::vector<KeyringKey> keys;
  for (const std::string_view id : ids)
    keys.push_back({.id = std::string(id),
                    .source = "file '/keys/" + std::string(id) + "'",
                    .kek = std::make_unique<LocalKey>(key_named(id))});
  return {std::move(keys), current};
}

/// What a test knows of a KEK that lies elsewhere.
struct RemoteState {
  std::atomic<bool> is_away{false};
  std::atomic<int> wraps{0}, unwraps{0};
};

/// A KEK as a token or a service has it: it may be away.
class RemoteKek final : public KeyEncryptionKey {
 public:
  RemoteKek(RemoteState& state, std::string_view id) : state_(state), key_(key_named(id)) {}

  WrappedKey wrap(SecretView dek, std::string_view associated) const override {
    ++state_.wraps;
    reach();
    return key_.wrap(dek, associated);
  }
  std::optional<SecretValue> unwrap(const WrappedKey& wrapped,
                                    std::string_view associated) const override {
    ++state_.unwraps;
    reach();
    return key_.unwrap(wrapped, associated);
  }

 private:
  void reach() const {
    if (state_.is_away) throw Error(ErrorCode::unavailable, "the token 'hsm' does not answer");
  }

  RemoteState& state_;
  LocalKey key_;
};

/// A ring of one key, k1, that lies elsewhere.
inline Keyring remote_keyring(RemoteState& state) {
  std::vector<KeyringKey> keys;
  keys.push_back(
      {.id = "k1", .source = "token 'hsm'", .kek = std::make_unique<RemoteKek>(state, "k1")});
  return {std::move(keys), "k1"};
}

using Pairs = std::initializer_list<std::pair<std::string_view, std::string_view>>;

inline SecretValues values_of(Pairs pairs) {
  SecretValues values;
  for (const auto& [key, value] : pairs) values.set(key, value);
  return values;
}

/// "key=value key=value", in order.
inline std::string shown(const SecretValues& values) {
  std::string text;
  for (const auto entry : values) {
    if (!text.empty()) text += ' ';
    text += std::string(entry.key) + "=" + std::string(entry.value.reveal());
  }
  return text;
}

}  // namespace kist::core::testing
