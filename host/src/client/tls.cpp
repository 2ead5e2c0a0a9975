// SPDX-License-Identifier: Apache-2.0
#include "client/tls.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>
#include <utility>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "client/connect.hpp"
#include "client/read_file.hpp"
#include "client/tls_failure.hpp"
#include "text/printable.hpp"

namespace kist::client {
namespace {

using Tls = std::unique_ptr<SSL, decltype(&::SSL_free)>;
using Bio = std::unique_ptr<BIO, decltype(&::BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&::X509_free)>;

constexpr std::size_t kPemBytesMax = std::size_t{1} << 20;

/// `text` outlives it.
Bio memory_bio(const SecretValue& text) {
  return {::BIO_new_mem_buf(text.reveal().data(), static_cast<int>(text.size())), ::BIO_free};
}

Bio memory_bio(SecretValue&& text) = delete;

/// A key under a passphrase would otherwise be asked for on the terminal.
int no_passphrase(char*, int, int, void*) { return 0; }

[[noreturn]] void refuse_file(const std::string& path, const std::string& why) {
  ::ERR_clear_error();
  throw Error(ErrorCode::invalid_argument, "file " + core::in_quotes(path, 4096) + " " + why);
}

void trust_file(SSL_CTX* context, const std::string& path) {
  const SecretValue text = read_file(path, kPemBytesMax);
  const Bio bio = memory_bio(text);
  X509_STORE* const store = ::SSL_CTX_get_cert_store(context);
  int count = 0;
  while (X509* const found = ::PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr)) {
    const Certificate certificate(found, ::X509_free);
    if (::X509_STORE_add_cert(store, certificate.get()) == 1) ++count;
  }
  if (count == 0) refuse_file(path, "holds no certificate in PEM, and --ca needs one");
  ::ERR_clear_error();  // The end of the file is one.
}

void show_certificate(SSL_CTX* context, const TlsSettings& settings) {
  const std::string& path = *settings.certificate_file;
  const SecretValue text = read_file(path, kPemBytesMax);
  const Bio bio = memory_bio(text);
  const Certificate own(::PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr),
                        ::X509_free);
  if (!own || ::SSL_CTX_use_certificate(context, own.get()) != 1)
    refuse_file(path, "holds no certificate in PEM");
  while (X509* const next = ::PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr)) {
    if (::SSL_CTX_add0_chain_cert(context, next) != 1) ::X509_free(next);
  }
  ::ERR_clear_error();

  const std::string& key_path = settings.key_file ? *settings.key_file : path;
  const SecretValue key_text = settings.key_file ? read_file(key_path, kPemBytesMax) : text.clone();
  const Bio key_bio = memory_bio(key_text);
  const std::unique_ptr<EVP_PKEY, decltype(&::EVP_PKEY_free)> key(
      ::PEM_read_bio_PrivateKey(key_bio.get(), nullptr, no_passphrase, nullptr), ::EVP_PKEY_free);
  if (!key)
    refuse_file(key_path, std::string("holds no private key in PEM without a passphrase") +
                              (settings.key_file ? "" : "; --client-key names the file that does"));
  if (::SSL_CTX_use_PrivateKey(context, key.get()) != 1)
    refuse_file(key_path, "holds a key that is not that of the certificate in " +
                              core::in_quotes(path, 4096));
}

class TlsTransport final : public Transport {
 public:
  TlsTransport(core::FileDescriptor socket, Tls tls, std::string peer)
      : socket_(std::move(socket)), tls_(std::move(tls)), peer_(std::move(peer)) {}
  ~TlsTransport() override {
    ::SSL_shutdown(tls_.get());
    ::ERR_clear_error();
  }
  TlsTransport(const TlsTransport&) = delete;
  TlsTransport& operator=(const TlsTransport&) = delete;

  std::size_t read(Call& call, char* bytes, std::size_t size) override {
    while (true) {
      std::size_t count = 0;
      if (::SSL_read_ex(tls_.get(), bytes, size, &count) == 1) return count;
      const int error = ::SSL_get_error(tls_.get(), 0);
      if (error == SSL_ERROR_ZERO_RETURN) return 0;
      wait_or_throw(call, error);
    }
  }

  void write(Call& call, std::string_view bytes) override {
    while (!bytes.empty()) {
      std::size_t count = 0;
      if (::SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &count) == 1)
        bytes.remove_prefix(count);
      else
        wait_or_throw(call, ::SSL_get_error(tls_.get(), 0));
    }
  }

  bool is_stale() const override {
    struct pollfd ready {
      socket_.get(), POLLIN, 0
    };
    return ::SSL_has_pending(tls_.get()) == 1 || ::poll(&ready, 1, 0) != 0;
  }

 private:
  void wait_or_throw(Call& call, int error) const {
    if (error == SSL_ERROR_WANT_READ) return wait_until_ready(call, socket_.get(), POLLIN);
    if (error == SSL_ERROR_WANT_WRITE) return wait_until_ready(call, socket_.get(), POLLOUT);
    // TLS 1.3 says so after the handshake, and before it has read a request.
    if (error == SSL_ERROR_SSL && is_refusal_of_certificate()) throw certificate_refused(peer_);
    const std::string reason = error == SSL_ERROR_SYSCALL && errno != 0
                                   ? std::generic_category().message(errno)
                                   : tls_reason();
    ::ERR_clear_error();
    throw ConnectionLost("the connection to " + peer_ + " broke: " + reason);
  }

  core::FileDescriptor socket_;
  Tls tls_;
  std::string peer_;
};

/// Keeps the certificate that does not pass: once the handshake has failed, nobody has it any more.
int keep_refused(int passes, X509_STORE_CTX* check) {
  if (passes == 1) return 1;
  auto* const tls = static_cast<SSL*>(
      ::X509_STORE_CTX_get_ex_data(check, ::SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* const refused = static_cast<Certificate*>(SSL_get_app_data(tls));
  X509* const current = ::X509_STORE_CTX_get_current_cert(check);
  if (refused != nullptr && current != nullptr && ::X509_up_ref(current) == 1)
    refused->reset(current);
  return 0;
}

bool expect_host(SSL* tls, const std::string& host) {
  X509_VERIFY_PARAM* const rules = ::SSL_get0_param(tls);
  if (::X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1) return true;
  ::ERR_clear_error();
  ::X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return ::SSL_set_tlsext_host_name(tls, host.c_str()) == 1 &&
         ::X509_VERIFY_PARAM_set1_host(rules, host.c_str(), host.size()) == 1;
}

}  // namespace

TlsClient::TlsClient(const TlsSettings& settings)
    : context_(::SSL_CTX_new(::TLS_client_method()), ::SSL_CTX_free) {
  SSL_CTX* const context = context_.get();
  if (context == nullptr || ::SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1)
    throw Error(ErrorCode::internal, "OpenSSL cannot be set up for TLS: " + tls_reason());
  ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER, keep_refused);
  ::SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  ::SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  // What was received and is read is wiped in OpenSSL's own buffers too.
  ::SSL_CTX_set_options(context, SSL_OP_CLEANSE_PLAINTEXT | SSL_OP_NO_RENEGOTIATION);
  ::SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (settings.ca_file)
    trust_file(context, *settings.ca_file);
  else if (::SSL_CTX_set_default_verify_paths(context) != 1)
    ::ERR_clear_error();  // Nobody is trusted then, and the handshake says so.
  if (settings.certificate_file) show_certificate(context, settings);
}

TlsClient::~TlsClient() = default;

std::unique_ptr<Transport> TlsClient::connect(Call& call, core::FileDescriptor socket,
                                              const ServerAddress& address) const {
  Tls tls(::SSL_new(context_.get()), ::SSL_free);
  if (!tls || ::SSL_set_fd(tls.get(), socket.get()) != 1 || !expect_host(tls.get(), address.host))
    throw Error(ErrorCode::internal, "OpenSSL cannot be set up for TLS: " + tls_reason());
  Certificate refused(nullptr, ::X509_free);
  SSL_set_app_data(tls.get(), &refused);
  ::ERR_clear_error();
  while (true) {
    const int result = ::SSL_connect(tls.get());
    if (result == 1) break;
    switch (::SSL_get_error(tls.get(), result)) {
      case SSL_ERROR_WANT_READ:
        wait_until_ready(call, socket.get(), POLLIN);
        break;
      case SSL_ERROR_WANT_WRITE:
        wait_until_ready(call, socket.get(), POLLOUT);
        break;
      default:
        throw handshake_failure(tls.get(), refused.get(), address);
    }
  }
  SSL_set_app_data(tls.get(), nullptr);
  return std::make_unique<TlsTransport>(std::move(socket), std::move(tls), address.named());
}

}  // namespace kist::client
