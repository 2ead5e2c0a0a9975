// SPDX-License-Identifier: Apache-2.0
#include "sealing/aes_gcm.hpp"

#include <cassert>
#include <climits>

#include <openssl/evp.h>

#include <kist/error.hpp>

namespace kist::core {
namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(char* memory) { return reinterpret_cast<unsigned char*>(memory); }

void require(int result, const char* what) {
  if (result != 1)
    throw Error(ErrorCode::internal, std::string("OpenSSL cannot ") + what + " with AES-256-GCM");
}

/// Fetched once: looking an algorithm up costs more than sealing a short value.
const EVP_CIPHER* aes_256_gcm() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  require(cipher != nullptr ? 1 : 0, "be had");
  return cipher;
}

int size_of(std::string_view text) {
  require(text.size() <= INT_MAX ? 1 : 0, "take that many bytes");
  return static_cast<int>(text.size());
}

}  // namespace

void AesGcm::FreeContext::operator()(EVP_CIPHER_CTX* context) const noexcept {
  EVP_CIPHER_CTX_free(context);  // Which wipes the key.
}

AesGcm::AesGcm(Direction direction) : context_(EVP_CIPHER_CTX_new()) {
  require(context_ != nullptr ? 1 : 0, "start");
  const int is_encrypting = direction == Direction::encrypt ? 1 : 0;
  require(
      EVP_CipherInit_ex2(context_.get(), aes_256_gcm(), nullptr, nullptr, is_encrypting, nullptr),
      "start");
}

AesGcm::~AesGcm() = default;

void AesGcm::set_key(SecretView key) {
  require(key.size() == kKeyBytes ? 1 : 0, "take a key that is not 32 bytes long");
  require(EVP_CipherInit_ex2(context_.get(), nullptr, bytes_of(key.reveal()), nullptr, -1, nullptr),
          "take a key");
}

void AesGcm::encrypt(std::string_view nonce, Associated associated, std::string_view plain,
                     char* out) {
  assert(nonce.size() == kNonceBytes);
  EVP_CIPHER_CTX* const context = context_.get();
  require(EVP_CipherInit_ex2(context, nullptr, nullptr, bytes_of(nonce), -1, nullptr), "begin");
  int written = 0;
  for (const std::string_view part : associated)
    require(EVP_CipherUpdate(context, nullptr, &written, bytes_of(part), size_of(part)), "seal");
  int size = 0;
  if (!plain.empty())
    require(EVP_CipherUpdate(context, bytes_of(out), &size, bytes_of(plain), size_of(plain)),
            "seal");
  require(EVP_CipherFinal_ex(context, bytes_of(out) + size, &written), "seal");
  require(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, int{kTagBytes}, out + plain.size()),
          "seal");
}

bool AesGcm::decrypt(std::string_view nonce, Associated associated, std::string_view sealed,
                     char* out) {
  assert(nonce.size() == kNonceBytes);
  if (sealed.size() < kTagBytes) return false;
  const std::string_view ciphertext = sealed.substr(0, sealed.size() - kTagBytes);
  std::array<char, kTagBytes> tag;
  sealed.copy(tag.data(), tag.size(), ciphertext.size());
  EVP_CIPHER_CTX* const context = context_.get();
  require(EVP_CipherInit_ex2(context, nullptr, nullptr, bytes_of(nonce), -1, nullptr), "begin");
  int written = 0;
  for (const std::string_view part : associated)
    require(EVP_CipherUpdate(context, nullptr, &written, bytes_of(part), size_of(part)), "open");
  int size = 0;
  if (!ciphertext.empty())
    require(
        EVP_CipherUpdate(context, bytes_of(out), &size, bytes_of(ciphertext), size_of(ciphertext)),
        "open");
  require(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, int{kTagBytes}, tag.data()), "open");
  if (EVP_CipherFinal_ex(context, bytes_of(out) + size, &written) == 1) return true;
  wipe(out, ciphertext.size());
  return false;
}

}  // namespace kist::core
