// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <kist/secret_value.hpp>

#include "client/server_address.hpp"
#include "client/transport.hpp"

struct ssl_ctx_st;

namespace kist::client {

/// What a client trusts, and what it shows of itself.
struct TlsSettings {
  std::optional<std::string> ca_file;  ///< Instead of the system's CAs.
  std::optional<std::string> certificate_file;
  std::optional<std::string> key_file;  ///< Nothing: it is in certificate_file.
};

/// TLS 1.2 and later, with a server whose certificate is verified always: who made it, until when
/// it is good, that it is for a server, and for this one.
class TlsClient {
 public:
  /// Errors: those of files; invalid_argument: a file holds no certificate, or the key is not the
  /// certificate's.
  explicit TlsClient(const TlsSettings& settings);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  /// Shakes hands. Errors: failed_precondition: the server is not who it has to be;
  /// ConnectionLost; cancelled; deadline_exceeded.
  std::unique_ptr<Transport> connect(Call& call, core::FileDescriptor socket,
                                     const ServerAddress& address) const;

 private:
  std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> context_;
};

}  // namespace kist::client
