// SPDX-License-Identifier: Apache-2.0
#include "audit/signing_key.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <climits>
#include <optional>
#include <system_error>
#include <utility>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <kist/error.hpp>

#include "config/private_file.hpp"
#include "loader/file_descriptor.hpp"
#include "text/hex.hpp"
#include "text/printable.hpp"

namespace kist::core {
namespace {

/// Far more than the PEM of any key of this kind takes, with comments around it.
constexpr std::size_t kKeyFileBytesMax = 16 * 1024;
constexpr std::size_t kSha256Bytes = 32;

using OwnedBio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

void require(bool done, const char* what) {
  if (done) return;
  ERR_clear_error();
  throw Error(ErrorCode::internal, std::string("OpenSSL cannot ") + what + " with Ed25519");
}

OwnedBio reader_of(std::string_view pem) {
  if (pem.size() > INT_MAX) pem = {};
  OwnedBio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free_all);
  require(bio != nullptr, "read a key");
  return bio;
}

std::string_view written_to(BIO* bio) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

OwnedKey checked(EVP_PKEY* read, const std::string& name, const char* expected) {
  ERR_clear_error();
  OwnedKey key(read);
  if (key == nullptr || EVP_PKEY_is_a(key.get(), "ED25519") != 1)
    throw Error(
        ErrorCode::invalid_argument,
        name + (key == nullptr ? " is not PEM that can be read" : " is a key of another kind") +
            "; expected " + expected);
  return key;
}

std::string fingerprint_of(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  require(size > 0, "write a key");
  std::string digest(kSha256Bytes, '\0');
  std::size_t written = 0;
  const bool done = EVP_Q_digest(nullptr, "SHA256", nullptr, der, static_cast<std::size_t>(size),
                                 reinterpret_cast<unsigned char*>(digest.data()), &written) == 1;
  OPENSSL_free(der);
  require(done, "hash a key");
  return to_hex(digest);
}

/// An encrypted key would be asked for on the terminal.
int no_password(char*, int, int, void*) { return -1; }

PrivateFile key_file(const std::filesystem::path& directory) {
  std::filesystem::path path = directory / kSigningKeyFileName;
  std::string name = "audit signing key file " + in_quotes(path.native(), 4096);
  return {std::move(path), std::move(name), kKeyFileBytesMax};
}

/// Anybody may read it.
void publish(const PublicKey& key, const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / kPublicKeyFileName;
  const PrivateFile file{path, "audit public key file " + in_quotes(path.native(), 4096),
                         kKeyFileBytesMax};
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0) return;
  const std::string pem = key.pem();
  if (create_private_file(file, SecretView(pem)) && ::chmod(path.c_str(), 0644) != 0)
    throw file.failure("make", errno);
}

}  // namespace

void FreeKey::operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }

PublicKey::PublicKey(OwnedKey key)
    : key_(std::move(key)), fingerprint_(fingerprint_of(key_.get())) {}

PublicKey PublicKey::parse(std::string_view pem, const std::string& name) {
  const OwnedBio bio = reader_of(pem);
  return PublicKey(checked(PEM_read_bio_PUBKEY(bio.get(), nullptr, no_password, nullptr), name,
                           "an Ed25519 public key in PEM"));
}

PublicKey PublicKey::read(const std::filesystem::path& path) {
  const PrivateFile file{path, "public key file " + in_quotes(path.native(), 4096),
                         kKeyFileBytesMax};
  const FileDescriptor opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!opened) throw file.failure("open", errno);
  std::string text(kKeyFileBytesMax + 1, '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    const ::ssize_t count = ::read(opened.get(), text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw file.failure("read", errno);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  if (done > kKeyFileBytesMax)
    throw file.refusal("is larger than " + std::to_string(kKeyFileBytesMax) + " bytes");
  return parse(std::string_view(text).substr(0, done), file.name);
}

std::string PublicKey::pem() const {
  const OwnedBio bio(BIO_new(BIO_s_mem()), BIO_free_all);
  require(bio != nullptr && PEM_write_bio_PUBKEY(bio.get(), key_.get()) == 1, "write a key");
  return std::string(written_to(bio.get()));
}

bool PublicKey::verifies(std::string_view bytes, const Signature& signature) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  require(context != nullptr && EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr,
                                                        nullptr, key_.get(), nullptr) == 1,
          "verify");
  const bool good = EVP_DigestVerify(context.get(), bytes_of({signature.data(), signature.size()}),
                                     signature.size(), bytes_of(bytes), bytes.size()) == 1;
  ERR_clear_error();
  return good;
}

SigningKey::SigningKey(OwnedKey key)
    : key_(std::move(key)), fingerprint_(fingerprint_of(key_.get())) {}

SigningKey SigningKey::parse(SecretView pem, const std::string& name) {
  const OwnedBio bio = reader_of(pem.reveal());
  return SigningKey(checked(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr), name,
                            "an Ed25519 private key in PEM (PKCS #8) that is not encrypted"));
}

SigningKey SigningKey::make() {
  OwnedKey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  require(key != nullptr, "make a key");
  return SigningKey(std::move(key));
}

SigningKey SigningKey::open(const std::filesystem::path& directory) {
  const PrivateFile file = key_file(directory);
  std::optional<SecretValue> text = read_private_file(file);
  if (!text) {
    create_private_file(file, make().pem().view());  // Or another was first, and counts.
    text = read_private_file(file);
  }
  if (!text) throw file.failure("open", ENOENT);
  SigningKey key = parse(text->view(), file.name);
  publish(key.public_key(), directory);
  return key;
}

Signature SigningKey::sign(std::string_view bytes) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  Signature signature;
  std::size_t size = signature.size();
  require(context != nullptr &&
              EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key_.get(),
                                    nullptr) == 1 &&
              EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()),
                             &size, bytes_of(bytes), bytes.size()) == 1 &&
              size == signature.size(),
          "sign");
  return signature;
}

PublicKey SigningKey::public_key() const {
  std::array<unsigned char, 32> raw;
  std::size_t size = raw.size();
  require(EVP_PKEY_get_raw_public_key(key_.get(), raw.data(), &size) == 1, "write a key");
  OwnedKey key(EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, raw.data(), size));
  require(key != nullptr, "read a key");
  return PublicKey(std::move(key));
}

SecretValue SigningKey::pem() const {
  const OwnedBio bio(BIO_new(BIO_s_secmem()), BIO_free_all);
  require(bio != nullptr && PEM_write_bio_PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0,
                                                     no_password, nullptr) == 1,
          "write a key");
  return SecretValue(written_to(bio.get()));
}

}  // namespace kist::core
