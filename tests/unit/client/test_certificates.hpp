// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace kist::testing {

using Certificate = std::unique_ptr<X509, decltype(&::X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&::EVP_PKEY_free)>;
using TlsContext = std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)>;

/// What a certificate is to say.
struct Wanted {
  std::string name = "server";
  std::string alternative_names = "IP:127.0.0.1";  ///< Empty: none.
  std::string purpose = "serverAuth";              ///< Empty: it does not say.
  int from_days = -1, until_days = 1;              ///< As seen from now.
  bool is_ca = false;
};

/// A certificate with its key.
struct Identity {
  Key key;
  Certificate certificate;

  /// In a file of its own, in PEM.
  void write_certificate(const std::filesystem::path& path) const;
  void write_key(const std::filesystem::path& path) const;
  /// For a server.
  TlsContext server() const;
};

/// Signed by `issuer`, or by itself.
Identity new_identity(const Wanted& wanted, const Identity* issuer = nullptr);

}  // namespace kist::testing
