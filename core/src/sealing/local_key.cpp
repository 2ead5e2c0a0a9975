// SPDX-License-Identifier: Apache-2.0
#include "sealing/local_key.hpp"

#include <openssl/evp.h>

#include <kist/error.hpp>

#include "sealing/aes_gcm.hpp"
#include "sealing/random_bytes.hpp"

namespace kist::core {

WrappedKey LocalKey::wrap(SecretView dek, std::string_view associated) const {
  WrappedKey wrapped;
  fill_with_random_bytes(wrapped.data(), kNonceBytes);
  // A context of its own, which is freed at once: the key stays in no other memory than ours.
  AesGcm cipher(AesGcm::Direction::encrypt);
  cipher.set_key(bytes_.view());
  cipher.encrypt({wrapped.data(), kNonceBytes}, {associated}, dek.reveal(),
                 wrapped.data() + kNonceBytes);
  return wrapped;
}

std::optional<SecretValue> LocalKey::unwrap(const WrappedKey& wrapped,
                                            std::string_view associated) const {
  const std::string_view bytes(wrapped.data(), wrapped.size());
  AesGcm cipher(AesGcm::Direction::decrypt);
  cipher.set_key(bytes_.view());
  bool opened = false;
  SecretValue dek = SecretValue::written(kKeyBytes, [&](char* memory) {
    opened = cipher.decrypt(bytes.substr(0, kNonceBytes), {associated}, bytes.substr(kNonceBytes),
                            memory);
  });
  if (!opened) return std::nullopt;
  return dek;
}

SecretValue new_key() {
  return SecretValue::written(kKeyBytes,
                              [](char* memory) { fill_with_random_bytes(memory, kKeyBytes); });
}

std::string fingerprint_of(SecretView key) {
  constexpr std::string_view purpose = "kist-fingerprint-1";
  const SecretValue input = SecretValue::written(purpose.size() + key.size(), [&](char* memory) {
    purpose.copy(memory, purpose.size());
    key.reveal().copy(memory + purpose.size(), key.size());
  });
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  if (EVP_Digest(input.reveal().data(), input.size(), digest.data(), nullptr, EVP_sha256(),
                 nullptr) != 1)
    throw Error(ErrorCode::internal, "OpenSSL cannot compute SHA-256");
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < 4; ++i) {
    text += digits[digest[i] >> 4];
    text += digits[digest[i] & 15];
  }
  return text;
}

}  // namespace kist::core
