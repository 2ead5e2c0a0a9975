// SPDX-License-Identifier: Apache-2.0
#include "client/tls_failure.hpp"

#include <memory>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "text/printable.hpp"

namespace kist::client {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&::BIO_free)>;

/// What `print` writes to a BIO, fit for one line.
template <class Print>
std::string printed(Print&& print) {
  const Bio bio(::BIO_new(::BIO_s_mem()), ::BIO_free);
  if (!bio) return "?";
  print(bio.get());
  char* text = nullptr;
  const long size = ::BIO_get_mem_data(bio.get(), &text);
  return core::printable({text, size > 0 ? static_cast<std::size_t>(size) : 0}, 512);
}

std::string time_text(const ASN1_TIME* time) {
  return printed([&](BIO* bio) { ::ASN1_TIME_print(bio, time); });
}

std::string name_text(const X509_NAME* name) {
  return "'" + printed([&](BIO* bio) { ::X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253); }) +
         "'";
}

std::string address_text(const ASN1_OCTET_STRING* address) {
  return printed([&](BIO* bio) {
    const unsigned char* const bytes = ::ASN1_STRING_get0_data(address);
    const int size = ::ASN1_STRING_length(address);
    for (int i = 0; i < size; ++i) {
      if (size == 4)
        ::BIO_printf(bio, "%s%d", i == 0 ? "" : ".", bytes[i]);
      else
        ::BIO_printf(bio, "%s%02x", i == 0 || i % 2 != 0 ? "" : ":", bytes[i]);
    }
  });
}

/// "'kist.example', '10.0.0.1'": whom a certificate is for.
std::string subjects_of(X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, decltype(&::GENERAL_NAMES_free)> names(
      static_cast<GENERAL_NAMES*>(
          ::X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      ::GENERAL_NAMES_free);
  std::string text;
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
    std::string subject;
    if (name->type == GEN_DNS)
      subject =
          core::printable({reinterpret_cast<const char*>(::ASN1_STRING_get0_data(name->d.dNSName)),
                           static_cast<std::size_t>(::ASN1_STRING_length(name->d.dNSName))});
    else if (name->type == GEN_IPADD)
      subject = address_text(name->d.iPAddress);
    if (!subject.empty()) text += (text.empty() ? "'" : ", '") + subject + "'";
  }
  return text.empty() ? "nobody by name" : text;
}

std::string fault_of_certificate(long result, X509* certificate, const ServerAddress& address) {
  switch (result) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "its certificate is for " + subjects_of(certificate) + ", and not for " +
             core::in_quotes(address.host);
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "a certificate of it expired at " + time_text(::X509_get0_notAfter(certificate));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "a certificate of it is good only from " +
             time_text(::X509_get0_notBefore(certificate));
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return "its certificate is signed by itself, and is not one that is trusted; name it, or the "
             "CA that is meant, with --ca";
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return "its certificate is made by " + name_text(::X509_get_issuer_name(certificate)) +
             ", which is not trusted here; name that CA with --ca";
    case X509_V_ERR_INVALID_PURPOSE:
    case X509_V_ERR_INVALID_CA:
      return "its certificate is not made for a server (extended key usage)";
    default:
      return std::string("its certificate is refused: ") + ::X509_verify_cert_error_string(result);
  }
}

}  // namespace

std::string tls_reason() {
  const unsigned long error = ::ERR_peek_last_error();
  const char* const reason = error == 0 ? nullptr : ::ERR_reason_error_string(error);
  ::ERR_clear_error();
  return reason == nullptr ? "the connection broke" : reason;
}

Error certificate_refused(const std::string& peer) {
  return {ErrorCode::unauthenticated,
          peer + " wants a certificate that it trusts from whoever asks (" + tls_reason() +
              "); show one with --client-certificate"};
}

bool is_refusal_of_certificate() {
  const unsigned long error = ::ERR_peek_error();
  if (ERR_GET_LIB(error) != ERR_LIB_SSL) return false;
  switch (ERR_GET_REASON(error)) {
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
      return true;
    default:
      return false;
  }
}

Error handshake_failure(ssl_st* tls, x509_st* refused, const ServerAddress& address) {
  const unsigned long error = ::ERR_peek_error();
  const long result = ::SSL_get_verify_result(tls);
  if (result != X509_V_OK) {
    ::ERR_clear_error();
    const std::string fault = refused != nullptr ? fault_of_certificate(result, refused, address)
                                                 : ::X509_verify_cert_error_string(result);
    return {ErrorCode::failed_precondition, address.named() + " cannot be trusted: " + fault};
  }
  if (is_refusal_of_certificate()) return certificate_refused(address.named());
  const bool speaks_tls =
      ERR_GET_LIB(error) != ERR_LIB_SSL || (ERR_GET_REASON(error) != SSL_R_WRONG_VERSION_NUMBER &&
                                            ERR_GET_REASON(error) != SSL_R_PACKET_LENGTH_TOO_LONG);
  const std::string reason = tls_reason();
  if (!speaks_tls)
    return {
        ErrorCode::failed_precondition,
        address.named() + " does not speak TLS; expected a server with a certificate, or http://"};
  return {ErrorCode::unavailable, "TLS with " + address.named() + " failed: " + reason};
}

}  // namespace kist::client
