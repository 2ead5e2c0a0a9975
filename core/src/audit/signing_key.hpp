// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/types.h>

#include <kist/secret_value.hpp>

namespace kist::core {

/// Of a private key that the host has made itself; they lie beside the audit file.
inline constexpr std::string_view kSigningKeyFileName = "kist-audit-key.pem";
inline constexpr std::string_view kPublicKeyFileName = "kist-audit-key.pub.pem";

using Signature = std::array<char, 64>;

struct FreeKey {
  void operator()(EVP_PKEY* key) const noexcept;
};
using OwnedKey = std::unique_ptr<EVP_PKEY, FreeKey>;

/// What tells who signed: an Ed25519 public key. Threads: any number.
class PublicKey {
 public:
  /// Reads PEM (SubjectPublicKeyInfo). `name` stands for it in messages. Errors: invalid_argument.
  static PublicKey parse(std::string_view pem, const std::string& name);
  /// Errors: those of parse(); not_found; permission_denied; unavailable.
  static PublicKey read(const std::filesystem::path& file);

  explicit PublicKey(OwnedKey key);

  /// SHA-256 of the DER form, in hexadecimal digits: what `openssl pkey -pubin -outform DER |
  /// sha256sum` says.
  const std::string& fingerprint() const { return fingerprint_; }
  std::string pem() const;
  bool verifies(std::string_view bytes, const Signature& signature) const;

 private:
  OwnedKey key_;
  std::string fingerprint_;
};

/// The Ed25519 private key that checkpoints are signed with. One thread at a time.
class SigningKey {
 public:
  /// Reads PEM (PKCS #8) that is not encrypted. `name` stands for it in messages. Errors:
  /// invalid_argument; no message holds a part of the key.
  static SigningKey parse(SecretView pem, const std::string& name);
  /// Reads kist-audit-key.pem in `directory`, or makes it there, with mode 0600. The public key
  /// lies beside it, where it is missing. Errors: those of parse() and of read_private_file() and
  /// create_private_file().
  static SigningKey open(const std::filesystem::path& directory);
  /// One that nobody remembers.
  static SigningKey make();

  explicit SigningKey(OwnedKey key);

  /// Errors: internal.
  Signature sign(std::string_view bytes) const;
  PublicKey public_key() const;
  /// That of the public key.
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  SecretValue pem() const;

  OwnedKey key_;
  std::string fingerprint_;
};

}  // namespace kist::core
