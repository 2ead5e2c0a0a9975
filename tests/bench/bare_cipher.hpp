// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

#include <openssl/evp.h>

#include "sealing/key_encryption_key.hpp"

namespace kist::bench {

/// AES-256-GCM as fast as OpenSSL has it: the cipher is fetched, the context made and the key set
/// once.
class BareCipher {
 public:
  explicit BareCipher(bool encrypts)
      : cipher_(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr)), context_(EVP_CIPHER_CTX_new()) {
    const std::array<unsigned char, core::kKeyBytes> key{};
    check(EVP_CipherInit_ex2(context_, cipher_, key.data(), nullptr, encrypts ? 1 : 0, nullptr));
  }
  ~BareCipher() {
    EVP_CIPHER_CTX_free(context_);
    EVP_CIPHER_free(cipher_);
  }
  BareCipher(const BareCipher&) = delete;
  BareCipher& operator=(const BareCipher&) = delete;

  /// `sealed` has room for the ciphertext and the tag.
  std::size_t encrypt(std::string_view associated, std::string_view plain, std::string& sealed) {
    update(associated, plain, sealed.data());
    finish(sealed.data() + plain.size());
    check(EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_GET_TAG, int{core::kTagBytes},
                              sealed.data() + plain.size()));
    return plain.size();
  }
  /// `plain` has room.
  std::size_t decrypt(std::string_view associated, std::string_view sealed, std::string& plain) {
    const std::string_view ciphertext = sealed.substr(0, sealed.size() - core::kTagBytes);
    std::array<char, core::kTagBytes> tag;
    sealed.copy(tag.data(), tag.size(), ciphertext.size());
    update(associated, ciphertext, plain.data());
    check(EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_SET_TAG, int{core::kTagBytes}, tag.data()));
    finish(plain.data() + ciphertext.size());
    return ciphertext.size();
  }

 private:
  static const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  }
  static void check(int result) {
    if (result != 1) throw std::runtime_error("OpenSSL failed");
  }
  void update(std::string_view associated, std::string_view in, char* out) {
    constexpr std::array<unsigned char, core::kNonceBytes> nonce{};
    int size = 0;
    check(EVP_CipherInit_ex2(context_, nullptr, nullptr, nonce.data(), -1, nullptr));
    check(EVP_CipherUpdate(context_, nullptr, &size, bytes_of(associated),
                           static_cast<int>(associated.size())));
    if (in.empty()) return;
    check(EVP_CipherUpdate(context_, reinterpret_cast<unsigned char*>(out), &size, bytes_of(in),
                           static_cast<int>(in.size())));
  }
  void finish(char* out) {
    int size = 0;
    check(EVP_CipherFinal_ex(context_, reinterpret_cast<unsigned char*>(out), &size));
  }

  EVP_CIPHER* cipher_;
  EVP_CIPHER_CTX* context_;
};

}  // namespace kist::bench
