// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "config/configuration.hpp"

struct ssl_ctx_st;

namespace kist::http {

/// What all TLS connections of one certificate share. Does not change after construction; any
/// thread.
class TlsContext {
 public:
  /// TLS 1.2 and 1.3, without renegotiation and early data. With `client_ca`, a client is asked for
  /// a certificate, and one that it shows must be good; whoever shows none needs a token.
  /// Errors: failed_precondition: the certificate, the key or the CAs cannot be read or used, the
  /// key is not that of the certificate, or others may read it.
  explicit TlsContext(const core::TlsSettings& settings);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  ssl_ctx_st* get() const noexcept { return context_; }

 private:
  ssl_ctx_st* context_;
};

}  // namespace kist::http
