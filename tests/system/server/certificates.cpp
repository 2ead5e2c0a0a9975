// SPDX-License-Identifier: Apache-2.0
#include "certificates.hpp"

#include <cstdio>

#include <doctest/doctest.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace kist::testing {
namespace {

constexpr long kDaySeconds = 24L * 60 * 60;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

File open_file(const std::filesystem::path& path) {
  File file(std::fopen(path.c_str(), "w"));
  REQUIRE(file != nullptr);
  return file;
}

void add_name(::X509_NAME* name, const char* part, const std::string& text) {
  if (text.empty()) return;
  ::X509_NAME_add_entry_by_txt(name, part, MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1, 0);
}

void add_extension(::X509* certificate, int kind, const std::string& text) {
  ::X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  ::X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  ::X509_EXTENSION* const extension = ::X509V3_EXT_conf_nid(nullptr, &context, kind, text.c_str());
  REQUIRE(extension != nullptr);
  ::X509_add_ext(certificate, extension, -1);
  ::X509_EXTENSION_free(extension);
}

}  // namespace

Authority::Key Authority::new_key() { return Key(EVP_EC_gen("P-256")); }

Authority::Certificate Authority::new_certificate(const CertificateOptions& options,
                                                  ::EVP_PKEY* key) {
  Certificate made(::X509_new());
  ::X509* const certificate = made.get();
  ::X509_set_version(certificate, X509_VERSION_3);
  std::uint32_t number = 0;
  ::RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number);
  ::ASN1_INTEGER_set_uint64(::X509_get_serialNumber(certificate), number);
  ::X509_gmtime_adj(::X509_getm_notBefore(certificate), options.valid_from_days * kDaySeconds);
  ::X509_gmtime_adj(::X509_getm_notAfter(certificate),
                    (options.valid_from_days + options.valid_days) * kDaySeconds);
  ::X509_set_pubkey(certificate, key);
  ::X509_NAME* const name = ::X509_get_subject_name(certificate);
  add_name(name, "O", options.organisation);
  add_name(name, "CN", options.common_name);
  return made;
}

Authority::Authority(const std::string& name) : key_(new_key()) {
  certificate_ = new_certificate({.common_name = name}, key_.get());
  ::X509_set_issuer_name(certificate_.get(), ::X509_get_subject_name(certificate_.get()));
  add_extension(certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate_.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  REQUIRE(::X509_sign(certificate_.get(), key_.get(), ::EVP_sha256()) > 0);
}

const std::filesystem::path& Authority::write(const std::filesystem::path& file) {
  ::PEM_write_X509(open_file(file).get(), certificate_.get());
  return file_ = file;
}

CertificateFiles Authority::issue(const std::filesystem::path& directory, const std::string& name,
                                  const CertificateOptions& options) const {
  const Key key = new_key();
  const Certificate certificate = new_certificate(options, key.get());
  ::X509_set_issuer_name(certificate.get(), ::X509_get_subject_name(certificate_.get()));
  add_extension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE");
  if (!options.address.empty())
    add_extension(certificate.get(), NID_subject_alt_name, "IP:" + options.address);
  REQUIRE(::X509_sign(certificate.get(), key_.get(), ::EVP_sha256()) > 0);
  const CertificateFiles files{directory / (name + ".pem"), directory / (name + ".key")};
  ::PEM_write_X509(open_file(files.certificate).get(), certificate.get());
  const File file = open_file(files.key);
  std::filesystem::permissions(
      files.key, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  ::PEM_write_PrivateKey(file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return files;
}

}  // namespace kist::testing
