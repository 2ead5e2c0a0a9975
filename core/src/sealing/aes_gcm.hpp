// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <memory>
#include <string_view>

#include <openssl/types.h>

#include <kist/secret_value.hpp>

#include "sealing/key_encryption_key.hpp"

namespace kist::core {

/// AES-256-GCM by OpenSSL, in one direction. Keeps its context and its key between calls: setting
/// the key costs as much as sealing a short value. One thread at a time.
/// Errors: internal, if OpenSSL fails.
class AesGcm {
 public:
  enum class Direction { encrypt, decrypt };

  explicit AesGcm(Direction direction);
  ~AesGcm();
  AesGcm(AesGcm&&) noexcept = default;
  AesGcm& operator=(AesGcm&&) noexcept = default;

  /// `key` has kKeyBytes.
  void set_key(SecretView key);

  using Associated = std::initializer_list<std::string_view>;

  /// Writes the ciphertext and behind it the tag: plain.size() + kTagBytes bytes. `nonce` has
  /// kNonceBytes, and is used with this key once, ever.
  void encrypt(std::string_view nonce, Associated associated, std::string_view plain, char* out);

  /// Reads what encrypt() wrote, at least kTagBytes, and writes the plain bytes. False: it is not
  /// what was encrypted with this key, nonce and associated data; nothing of it is left in `out`.
  bool decrypt(std::string_view nonce, Associated associated, std::string_view sealed, char* out);

 private:
  struct FreeContext {
    void operator()(EVP_CIPHER_CTX* context) const noexcept;
  };
  std::unique_ptr<EVP_CIPHER_CTX, FreeContext> context_;
};

}  // namespace kist::core
