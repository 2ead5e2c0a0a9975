// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "client/http_client.hpp"
#include "loader/file_descriptor.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace kist::testing {

/// A server's side of one connection.
class Connection {
 public:
  Connection(core::FileDescriptor socket, ssl_ctx_st* tls);
  ~Connection();

  /// False: no TLS came about.
  bool is_open() const { return open_; }
  /// The next request, headers and body; empty: the client has gone.
  std::string read_request();
  /// As it is; what a client does not take is lost.
  void send(std::string_view bytes);
  /// 200 and JSON.
  void answer(std::string_view body, std::string_view status = "200 OK");
  /// Sends what makes the client's next read fail.
  void reset();

 private:
  bool read_more();

  core::FileDescriptor socket_;
  ssl_st* tls_ = nullptr;
  bool open_ = true;
  std::string bytes_;
};

/// Serves one connection after the other, each as its part of the script says, and none behind the
/// last part.
class FakeServer {
 public:
  using Part = std::function<void(Connection&)>;

  explicit FakeServer(std::vector<Part> script, ssl_ctx_st* tls = nullptr);
  ~FakeServer();
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  /// "http://127.0.0.1:PORT", or "https://…".
  std::string url() const;
  client::ServerSettings settings() const;
  /// How many connections came so far.
  std::size_t connections() const;
  /// Until so many were closed.
  void wait_for_closed(std::size_t count);

 private:
  void serve();

  std::vector<Part> script_;
  ssl_ctx_st* tls_;
  core::FileDescriptor listener_;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable has_closed_;
  std::size_t connections_ = 0;  // Guarded by mutex_.
  std::size_t closed_ = 0;       // Guarded by mutex_.
  std::thread thread_;
};

}  // namespace kist::testing
