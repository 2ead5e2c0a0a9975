// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <openssl/evp.h>
#include <openssl/x509.h>

namespace kist::testing {

/// What a certificate says.
struct CertificateOptions {
  std::string common_name;
  std::string organisation = {};  ///< Empty: none.
  std::string address = {};       ///< A subject alternative name; empty: none.
  int valid_from_days = -1;       ///< From now.
  int valid_days = 2;
};

/// Two files in a directory of the test.
struct CertificateFiles {
  std::filesystem::path certificate, key;
};

/// Somebody who vouches for certificates; made anew for each test.
class Authority {
 public:
  explicit Authority(const std::string& name);

  const std::filesystem::path& write(const std::filesystem::path& file);
  /// Writes NAME.pem and NAME.key, which is for its owner alone.
  CertificateFiles issue(const std::filesystem::path& directory, const std::string& name,
                         const CertificateOptions& options) const;

 private:
  struct FreeKey {
    void operator()(::EVP_PKEY* key) const { ::EVP_PKEY_free(key); }
  };
  struct FreeCertificate {
    void operator()(::X509* certificate) const { ::X509_free(certificate); }
  };
  using Key = std::unique_ptr<::EVP_PKEY, FreeKey>;
  using Certificate = std::unique_ptr<::X509, FreeCertificate>;

  static Key new_key();
  static Certificate new_certificate(const CertificateOptions& options, ::EVP_PKEY* key);

  Key key_;
  Certificate certificate_;
  std::filesystem::path file_;
};

}  // namespace kist::testing
