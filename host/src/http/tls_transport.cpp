// SPDX-License-Identifier: Apache-2.0

#include <string>
#include <utility>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/sslerr.h>
#include <openssl/x509.h>

#include <kist/error.hpp>

#include "http/tls_context.hpp"
#include "http/transport.hpp"

namespace kist::http {
namespace {

/// RFC 2253, as `openssl x509 -subject -nameopt RFC2253` prints it.
std::string subject_of(const X509& certificate) {
  BIO* const memory = ::BIO_new(::BIO_s_mem());
  if (memory == nullptr) return {};
  std::string text;
  if (::X509_NAME_print_ex(memory, ::X509_get_subject_name(&certificate), 0, XN_FLAG_RFC2253) >=
      0) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory, &data);
    text.assign(data, static_cast<std::size_t>(size));
  }
  ::BIO_free(memory);
  return text;
}

/// OpenSSL reads and writes the socket itself: no copy through a pair of buffers, and an idle
/// connection holds none.
class TlsTransport final : public Transport {
 public:
  TlsTransport(int descriptor, std::shared_ptr<const TlsContext> context)
      : context_(std::move(context)), tls_(::SSL_new(context_->get()), ::SSL_free) {
    if (tls_ == nullptr || ::SSL_set_fd(tls_.get(), descriptor) != 1)
      throw Error(ErrorCode::resource_exhausted, "there is not enough memory for a TLS connection");
    ::SSL_set_accept_state(tls_.get());
  }

  Outcome shake_hands() override {
    ::ERR_clear_error();
    const Outcome outcome = outcome_of(::SSL_do_handshake(tls_.get()));
    const unsigned long error = ::ERR_peek_error();
    if (outcome != Outcome::closed || error == 0) return outcome;
    const bool is_http =
        ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == SSL_R_HTTP_REQUEST;
    if (is_http) return Outcome::plain_http;
    failure_ = reason_of(error);
    return outcome;
  }
  std::string handshake_failure() const override { return failure_; }
  Result read(char* bytes, std::size_t size) override {
    ::ERR_clear_error();
    std::size_t count = 0;
    const int result = ::SSL_read_ex(tls_.get(), bytes, size, &count);
    return {outcome_of(result), count};
  }
  Result write(std::string_view bytes) override {
    ::ERR_clear_error();
    std::size_t count = 0;
    const int result = ::SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &count);
    return {outcome_of(result), count};
  }
  bool has_buffered() const override { return ::SSL_has_pending(tls_.get()) == 1; }
  void rest() noexcept override {
    if (::SSL_is_init_finished(tls_.get()) == 1) ::SSL_free_buffers(tls_.get());
  }
  void say_goodbye() noexcept override {
    ::ERR_clear_error();
    if (!is_broken_ && ::SSL_is_init_finished(tls_.get()) == 1) ::SSL_shutdown(tls_.get());
    ::ERR_clear_error();
  }
  std::optional<std::string> peer_certificate() const override {
    const std::unique_ptr<X509, decltype(&::X509_free)> certificate(
        ::SSL_get1_peer_certificate(tls_.get()), ::X509_free);
    if (certificate == nullptr || ::SSL_get_verify_result(tls_.get()) != X509_V_OK)
      return std::nullopt;
    return subject_of(*certificate);
  }

 private:
  /// Of a certificate that was refused, OpenSSL's reason is no more than that.
  std::string reason_of(unsigned long error) const {
    const long verified = ::SSL_get_verify_result(tls_.get());
    if (verified != X509_V_OK)
      return std::string("its certificate is refused: ") +
             ::X509_verify_cert_error_string(verified);
    const char* const reason = ::ERR_reason_error_string(error);
    return reason == nullptr ? "an error of the TLS library" : reason;
  }
  Outcome outcome_of(int result) {
    if (result == 1) return Outcome::done;
    switch (::SSL_get_error(tls_.get(), result)) {
      case SSL_ERROR_WANT_READ:
        return Outcome::wants_read;
      case SSL_ERROR_WANT_WRITE:
        return Outcome::wants_write;
      case SSL_ERROR_ZERO_RETURN:
        return Outcome::closed;
      default:
        is_broken_ = true;
        return Outcome::closed;
    }
  }

  std::shared_ptr<const TlsContext> context_;
  std::unique_ptr<SSL, decltype(&::SSL_free)> tls_;
  bool is_broken_ = false;
  std::string failure_;
};

}  // namespace

std::unique_ptr<Transport> tls_transport(int descriptor,
                                         std::shared_ptr<const TlsContext> context) {
  return std::make_unique<TlsTransport>(descriptor, std::move(context));
}

}  // namespace kist::http
