// SPDX-License-Identifier: Apache-2.0
#include "test_certificates.hpp"

#include <cstdio>

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

namespace kist::testing {
namespace {

constexpr long kSecondsOfDay = 86'400;

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& text) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = ::X509V3_EXT_conf_nid(nullptr, &context, nid, text.c_str());
  REQUIRE(extension != nullptr);
  ::X509_add_ext(certificate, extension, -1);
  ::X509_EXTENSION_free(extension);
}

using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

File open_file(const std::filesystem::path& path) {
  File file(std::fopen(path.c_str(), "w"), std::fclose);
  REQUIRE(file != nullptr);
  return file;
}

}  // namespace

void Identity::write_certificate(const std::filesystem::path& path) const {
  REQUIRE(::PEM_write_X509(open_file(path).get(), certificate.get()) == 1);
}

void Identity::write_key(const std::filesystem::path& path) const {
  REQUIRE(::PEM_write_PrivateKey(open_file(path).get(), key.get(), nullptr, nullptr, 0, nullptr,
                                 nullptr) == 1);
}

TlsContext Identity::server() const {
  TlsContext context(::SSL_CTX_new(::TLS_server_method()), ::SSL_CTX_free);
  REQUIRE(::SSL_CTX_use_certificate(context.get(), certificate.get()) == 1);
  REQUIRE(::SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1);
  return context;
}

Identity new_identity(const Wanted& wanted, const Identity* issuer) {
  static long serial = 0;
  Identity made{Key(::EVP_EC_gen("P-256"), ::EVP_PKEY_free),
                Certificate(::X509_new(), ::X509_free)};
  X509* const certificate = made.certificate.get();
  ::X509_set_version(certificate, X509_VERSION_3);
  ::ASN1_INTEGER_set(::X509_get_serialNumber(certificate), ++serial);
  ::X509_gmtime_adj(::X509_getm_notBefore(certificate), wanted.from_days * kSecondsOfDay);
  ::X509_gmtime_adj(::X509_getm_notAfter(certificate), wanted.until_days * kSecondsOfDay);
  ::X509_set_pubkey(certificate, made.key.get());
  ::X509_NAME_add_entry_by_txt(::X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(wanted.name.c_str()), -1, -1,
                               0);
  X509* const signer = issuer == nullptr ? certificate : issuer->certificate.get();
  ::X509_set_issuer_name(certificate, ::X509_get_subject_name(signer));
  if (wanted.is_ca) add_extension(certificate, signer, NID_basic_constraints, "critical,CA:TRUE");
  if (!wanted.purpose.empty() && !wanted.is_ca)
    add_extension(certificate, signer, NID_ext_key_usage, wanted.purpose);
  if (!wanted.alternative_names.empty())
    add_extension(certificate, signer, NID_subject_alt_name, wanted.alternative_names);
  EVP_PKEY* const key = issuer == nullptr ? made.key.get() : issuer->key.get();
  REQUIRE(::X509_sign(certificate, key, ::EVP_sha256()) > 0);
  return made;
}

}  // namespace kist::testing
