// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>

#include "sealing/key_encryption_key.hpp"
#include "sealing/pkcs11_settings.hpp"

namespace kist::core {

class Pkcs11Module;
class Pkcs11Session;

/// A KEK that stays on its PKCS#11 token. What it wraps is what any AES-256-GCM with the same key
/// wraps, byte for byte.
///
/// A session that is lost is opened again, with a login, once for each call that needs it. A PIN
/// that the token has refused is not tried again: tokens lock. Threads take turns at one session,
/// and wait for as long as the module lets them.
class Pkcs11Key final : public KeyEncryptionKey {
 public:
  /// Opens a session, so that what is wrong is known at once.
  /// Errors: those of Pkcs11Module and Pkcs11Session: failed_precondition, store_denied,
  /// unavailable.
  explicit Pkcs11Key(Pkcs11Settings settings);
  ~Pkcs11Key() override;
  Pkcs11Key(const Pkcs11Key&) = delete;
  Pkcs11Key& operator=(const Pkcs11Key&) = delete;

  WrappedKey wrap(SecretView dek, std::string_view associated) const override;
  std::optional<SecretValue> unwrap(const WrappedKey& wrapped,
                                    std::string_view associated) const override;

 private:
  /// Runs `attempt`, which gives CKR_OK when nothing is wrong with the token, on the session, and
  /// if need be on a new one. Errors: unavailable.
  template <class Attempt>
  void ask(Attempt attempt) const;
  void reopen() const;

  const Pkcs11Settings settings_;
  const std::unique_ptr<const Pkcs11Module> module_;

  mutable std::mutex mutex_;  // Of all below.
  mutable std::unique_ptr<const Pkcs11Session> session_;
  mutable bool pin_is_refused_ = false;
};

}  // namespace kist::core
