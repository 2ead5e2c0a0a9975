// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include <p11-kit/pkcs11.h>

#include "sealing/key_encryption_key.hpp"
#include "sealing/pkcs11_settings.hpp"

namespace kist::core {

/// A session on a PKCS#11 token, logged in, and a key that is good for wrapping DEKs. It does not
/// outlive its module. One thread at a time.
class Pkcs11Session {
 public:
  /// Errors, each of which names the token and the key:
  /// unavailable: there is no token of this label, or it fails.
  /// store_denied: the token refuses the PIN.
  /// failed_precondition: several tokens have the label; one wrong PIN more would lock the token,
  ///   and it is not tried; the token has not exactly one secret key of the label; the key is no
  ///   AES key of kKeyBytes, may not encrypt or decrypt, or would be given out in plain; the token
  ///   cannot do AES-GCM with a nonce of ours.
  Pkcs11Session(const CK_FUNCTION_LIST& functions, const Pkcs11Settings& settings);

  /// CKR_OK, or what the token answered. The mechanism is CKM_AES_GCM with a tag of kTagBytes, and
  /// a nonce by OpenSSL, for not every token makes one.
  CK_RV wrap(SecretView dek, std::string_view associated, WrappedKey& wrapped) const;

  /// CKR_OK, and the DEK of kKeyBytes; or what the token answered.
  CK_RV unwrap(const WrappedKey& wrapped, std::string_view associated, SecretValue& dek) const;

  /// CKR_OK: the token opens what it has just wrapped.
  CK_RV probe() const;

 private:
  /// Closes what it holds.
  struct Handle {
    const CK_FUNCTION_LIST& functions;
    CK_SESSION_HANDLE number = 0;
    explicit Handle(const CK_FUNCTION_LIST& of) : functions(of) {}
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle();
  };

  struct Token {
    CK_SLOT_ID slot;
    CK_FLAGS flags;
  };

  Token find_token(const Pkcs11Settings& settings) const;
  void log_in(const Token& token, const Pkcs11Settings& settings) const;
  CK_OBJECT_HANDLE find_key(const Pkcs11Settings& settings) const;
  void check_key(const Pkcs11Settings& settings) const;
  template <class Value>
  std::optional<Value> attribute(CK_ATTRIBUTE_TYPE type) const;

  const CK_FUNCTION_LIST& functions_;
  Handle session_;
  CK_OBJECT_HANDLE key_ = 0;
};

}  // namespace kist::core
