// SPDX-License-Identifier: Apache-2.0
#include "http/tls_context.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <kist/error.hpp>

#include "text/printable.hpp"

namespace kist::http {
namespace {

constexpr char kCiphersOfTls12[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr unsigned char kSessionContext[] = "kist";

/// What went wrong first, which names no secret: a reason such as "no start line".
std::string first_reason() {
  const unsigned long error = ::ERR_peek_error();
  ::ERR_clear_error();
  if (ERR_SYSTEM_ERROR(error)) return std::generic_category().message(ERR_GET_REASON(error));
  const char* const reason = ::ERR_reason_error_string(error);
  return reason == nullptr ? "unknown" : reason;
}

[[noreturn]] void refuse(const std::string& what, const std::filesystem::path& file,
                         const std::string& why) {
  throw Error(ErrorCode::failed_precondition,
              "cannot use the " + what + " " + core::in_quotes(file.native(), 4096) + ": " + why);
}

/// A key that others may read is theirs too.
void check_key_file(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0)
    refuse("TLS key", file, std::generic_category().message(errno));
  if ((status.st_mode & (S_IRWXO | S_IWGRP)) != 0)
    refuse("TLS key", file, "others may read or change it; expected mode 0600 or 0640");
  if (status.st_uid != ::geteuid() && status.st_uid != 0)
    refuse("TLS key", file, "it belongs to another user");
}

/// A key with a passphrase would make OpenSSL ask the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

void load(SSL_CTX* context, const core::TlsSettings& settings) {
  ::ERR_clear_error();
  if (::SSL_CTX_use_certificate_chain_file(context, settings.certificate.c_str()) != 1)
    refuse("TLS certificate", settings.certificate, first_reason());
  check_key_file(settings.key);
  ::SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  if (::SSL_CTX_use_PrivateKey_file(context, settings.key.c_str(), SSL_FILETYPE_PEM) != 1)
    refuse("TLS key", settings.key, first_reason());
  if (::SSL_CTX_check_private_key(context) != 1)
    refuse("TLS key", settings.key,
           "it is not the key of the certificate " +
               core::in_quotes(settings.certificate.native(), 4096));
  if (!settings.client_ca) return;
  const char* const file = settings.client_ca->c_str();
  STACK_OF(X509_NAME)* const names = ::SSL_load_client_CA_file(file);
  if (names == nullptr || ::SSL_CTX_load_verify_file(context, file) != 1)
    refuse("file of client CAs", *settings.client_ca, first_reason());
  ::SSL_CTX_set_client_CA_list(context, names);
  ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE, nullptr);
}

}  // namespace

TlsContext::TlsContext(const core::TlsSettings& settings)
    : context_(::SSL_CTX_new(::TLS_server_method())) {
  if (context_ == nullptr)
    throw Error(ErrorCode::internal, "OpenSSL has no TLS: " + first_reason());
  try {
    ::SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
    ::SSL_CTX_set_cipher_list(context_, kCiphersOfTls12);
    ::SSL_CTX_set_options(context_, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                        SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                        SSL_OP_CLEANSE_PLAINTEXT);
    // Not SSL_MODE_RELEASE_BUFFERS: it wipes and frees 16 KiB for each request. See rest().
    ::SSL_CTX_set_mode(context_,
                       SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // A record costs one read() instead of two.
    ::SSL_CTX_set_read_ahead(context_, 1);
    ::SSL_CTX_set_session_id_context(context_, kSessionContext, sizeof(kSessionContext) - 1);
    // Tickets resume sessions; a cache here would only hold memory.
    ::SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
    ::SSL_CTX_set_num_tickets(context_, 1);
    load(context_, settings);
  } catch (const Error&) {
    ::SSL_CTX_free(context_);
    throw;
  }
}

TlsContext::~TlsContext() { ::SSL_CTX_free(context_); }

}  // namespace kist::http
