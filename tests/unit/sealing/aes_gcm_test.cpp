// SPDX-License-Identifier: Apache-2.0
#include "sealing/aes_gcm.hpp"

#include <string>

#include <doctest/doctest.h>

#include "../secrets/failure_of.hpp"
#include "sealing_samples.hpp"

namespace kist::core {
namespace {

using testing::failure_of;
using testing::from_hex;

struct Vector {
  std::string_view key, nonce, associated, plain, sealed;
};

/// Test cases 13 to 16 of McGrew and Viega, "The Galois/Counter Mode of Operation (GCM)", appendix
/// B, which NIST's validation of AES-256-GCM goes back to. `sealed` is the ciphertext and the tag.
constexpr Vector kVectors[] = {
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000",
     "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000",
     "", "00000000000000000000000000000000",
     "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
     "b094dac5d93471bdec1a502270e3cc6c"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
     "76fc6ece0f4e1768cddf8853bb2d551b"}};

std::string encrypted(AesGcm& cipher, std::string_view nonce, AesGcm::Associated associated,
                      std::string_view plain) {
  std::string sealed(plain.size() + kTagBytes, '?');
  cipher.encrypt(nonce, associated, plain, sealed.data());
  return sealed;
}

/// The plain bytes; "refused" if there are none, and then nothing of them is left behind.
std::string decrypted(AesGcm& cipher, std::string_view nonce, AesGcm::Associated associated,
                      std::string_view sealed) {
  std::string plain(sealed.size() < kTagBytes ? 0 : sealed.size() - kTagBytes, '?');
  if (cipher.decrypt(nonce, associated, sealed, plain.data())) return plain;
  CHECK(plain == std::string(plain.size(), '\0'));
  return "refused";
}

TEST_SUITE("core/sealing/aes_gcm") {
  TEST_CASE("the published vectors of AES-256-GCM come out, each from the same context") {
    AesGcm encrypt(AesGcm::Direction::encrypt), decrypt(AesGcm::Direction::decrypt);
    for (const Vector& vector : kVectors) {
      CAPTURE(vector.sealed);
      const std::string key = from_hex(vector.key), nonce = from_hex(vector.nonce);
      const std::string associated = from_hex(vector.associated), plain = from_hex(vector.plain);
      encrypt.set_key(SecretView(key));
      decrypt.set_key(SecretView(key));
      CHECK(encrypted(encrypt, nonce, {associated}, plain) == from_hex(vector.sealed));
      CHECK(decrypted(decrypt, nonce, {associated}, from_hex(vector.sealed)) == plain);
    }
  }

  TEST_CASE("associated data in parts is the same as in one piece") {
    const Vector& vector = kVectors[3];
    const std::string associated = from_hex(vector.associated), key = from_hex(vector.key);
    const std::string_view all = associated;
    AesGcm cipher(AesGcm::Direction::encrypt);
    cipher.set_key(SecretView(key));
    CHECK(encrypted(cipher, from_hex(vector.nonce),
                    {all.substr(0, 1), {}, all.substr(1, 15), all.substr(16)},
                    from_hex(vector.plain)) == from_hex(vector.sealed));
  }

  TEST_CASE("AT-50: one bit of nonce, associated data, ciphertext or tag, and nothing comes out") {
    const Vector& vector = kVectors[3];
    const std::string key = from_hex(vector.key), plain = from_hex(vector.plain);
    std::string nonce = from_hex(vector.nonce), associated = from_hex(vector.associated);
    std::string sealed = from_hex(vector.sealed);
    AesGcm cipher(AesGcm::Direction::decrypt);
    cipher.set_key(SecretView(key));
    for (std::string* const part : {&nonce, &associated, &sealed}) {
      for (std::size_t bit = 0; bit < 8 * part->size(); ++bit) {
        CAPTURE(bit);
        char& byte = (*part)[bit / 8];
        byte = static_cast<char>(byte ^ 1 << bit % 8);
        CHECK(decrypted(cipher, nonce, {associated}, sealed) == "refused");
        byte = static_cast<char>(byte ^ 1 << bit % 8);
      }
    }
    CHECK(decrypted(cipher, nonce, {}, sealed) == "refused");
    CHECK_MESSAGE(decrypted(cipher, nonce, {associated}, sealed) == plain,
                  "a refusal leaves the context usable");
  }

  TEST_CASE("AT-50: what is shorter than a tag is refused") {
    AesGcm cipher(AesGcm::Direction::decrypt);
    cipher.set_key(SecretView(from_hex(kVectors[0].key)));
    const std::string nonce = from_hex(kVectors[0].nonce), tag = from_hex(kVectors[0].sealed);
    for (std::size_t size = 0; size < kTagBytes; ++size)
      CHECK(decrypted(cipher, nonce, {}, tag.substr(0, size)) == "refused");
    CHECK(decrypted(cipher, nonce, {}, tag).empty());
  }

  TEST_CASE("a key has 32 bytes") {
    AesGcm cipher(AesGcm::Direction::encrypt);
    for (const std::size_t size : {0U, 16U, 31U, 33U}) {
      const std::string key(size, 'k');
      CHECK(failure_of([&] { cipher.set_key(SecretView(key)); }) ==
            "internal: OpenSSL cannot take a key that is not 32 bytes long with AES-256-GCM");
    }
  }
}

}  // namespace
}  // namespace kist::core
