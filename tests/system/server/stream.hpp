// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

#include "loader/file_descriptor.hpp"

namespace kist::testing {

/// How long anything may take that has no business to be slow. Not a measure of speed.
inline constexpr std::chrono::seconds kPatience{60};

/// The server did not do in time what it had to, or closed where it had to answer.
struct NoAnswer : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Bytes that go to a server and come from it. Everything has a deadline; errors: NoAnswer.
class Stream {
 public:
  virtual ~Stream() = default;
  /// What has come; empty: the other side has closed, or broken off. Nothing: the time is up.
  virtual std::optional<std::string> receive(std::chrono::milliseconds patience) = 0;
  /// False: the other side takes no more. With a patience, also if not all of it went in that time.
  virtual bool send(std::string_view bytes, std::chrono::milliseconds patience) = 0;
  virtual int descriptor() const = 0;
};

/// How a connection begins.
struct TcpOptions {
  std::string source = "127.0.0.1";  ///< The client's own address.
  int receive_buffer = 0;            ///< Bytes; 0: what the system gives.
};

std::unique_ptr<Stream> connect_tcp(std::uint16_t port, const TcpOptions& options = {});
std::unique_ptr<Stream> connect_unix(const std::filesystem::path& path);

/// What a client of TLS trusts and shows, and which versions it speaks.
class TlsContext {
 public:
  struct Options {
    std::filesystem::path authority;                        ///< Whom it trusts.
    std::optional<std::filesystem::path> certificate, key;  ///< What it shows.
    int version_min = TLS1_2_VERSION, version_max = TLS1_3_VERSION;
  };
  explicit TlsContext(const Options& options);

  ::SSL_CTX* get() const { return context_.get(); }

 private:
  struct Free {
    void operator()(::SSL_CTX* context) const { ::SSL_CTX_free(context); }
  };
  std::unique_ptr<::SSL_CTX, Free> context_;
};

/// A stream after its handshake, in which the server showed a certificate for 127.0.0.1.
class TlsStream final : public Stream {
 public:
  TlsStream(std::unique_ptr<Stream> below, const TlsContext& context);
  ~TlsStream() override;

  std::optional<std::string> receive(std::chrono::milliseconds patience) override;
  bool send(std::string_view bytes, std::chrono::milliseconds patience) override;
  int descriptor() const override { return below_->descriptor(); }

  ::SSL* get() const { return ssl_.get(); }

 private:
  struct Free {
    void operator()(::SSL* ssl) const { ::SSL_free(ssl); }
  };
  bool wait_for(int result, std::chrono::steady_clock::time_point end) const;

  std::unique_ptr<Stream> below_;
  std::unique_ptr<::SSL, Free> ssl_;
};

}  // namespace kist::testing
