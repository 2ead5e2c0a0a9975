// SPDX-License-Identifier: Apache-2.0
#include "fake_server.hpp"

#include <sys/socket.h>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <utility>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace kist::testing {

Connection::Connection(core::FileDescriptor socket, ssl_ctx_st* tls) : socket_(std::move(socket)) {
  if (tls == nullptr) return;
  tls_ = ::SSL_new(tls);
  ::SSL_set_fd(tls_, socket_.get());
  open_ = ::SSL_accept(tls_) == 1;
  ::ERR_clear_error();
}

Connection::~Connection() {
  if (tls_ == nullptr) return;
  if (open_) ::SSL_shutdown(tls_);
  ::SSL_free(tls_);
  ::ERR_clear_error();
}

bool Connection::read_more() {
  char bytes[4096];
  const auto count = tls_ != nullptr ? static_cast<ssize_t>(::SSL_read(tls_, bytes, sizeof(bytes)))
                                     : ::recv(socket_.get(), bytes, sizeof(bytes), 0);
  if (count <= 0) return false;
  bytes_.append(bytes, static_cast<std::size_t>(count));
  return true;
}

std::string Connection::read_request() {
  std::size_t end = 0;
  while ((end = bytes_.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more()) return {};
  }
  end += 4;
  constexpr std::string_view name = "Content-Length: ";
  std::size_t size = 0;
  if (const std::size_t at = bytes_.find(name); at < end)
    std::from_chars(bytes_.data() + at + name.size(), bytes_.data() + end, size);
  while (bytes_.size() < end + size) {
    if (!read_more()) return {};
  }
  std::string request = bytes_.substr(0, end + size);
  bytes_.erase(0, end + size);
  return request;
}

void Connection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count =
        tls_ != nullptr
            ? static_cast<ssize_t>(::SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size())))
            : ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void Connection::answer(std::string_view body, std::string_view status) {
  send("HTTP/1.1 " + std::string(status) +
       "\r\nContent-Type: application/json\r\nX-Request-Id: r-1\r\nContent-Length: " +
       std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
}

void Connection::reset() {
  const struct linger at_once { 1, 0 };
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  socket_ = core::FileDescriptor();
}

FakeServer::FakeServer(std::vector<Part> script, ssl_ctx_st* tls)
    : script_(std::move(script)), tls_(tls) {
  listener_ = core::FileDescriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  struct sockaddr_in address {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::bind(listener_.get(), reinterpret_cast<struct sockaddr*>(&address), sizeof(address)) ==
          0);
  REQUIRE(::listen(listener_.get(), 16) == 0);
  socklen_t size = sizeof(address);
  REQUIRE(::getsockname(listener_.get(), reinterpret_cast<struct sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

FakeServer::~FakeServer() {
  ::shutdown(listener_.get(), SHUT_RDWR);
  thread_.join();
}

void FakeServer::serve() {
  for (const Part& part : script_) {
    core::FileDescriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket) return;
    {
      const std::lock_guard lock(mutex_);
      ++connections_;
    }
    {
      Connection connection(std::move(socket), tls_);
      if (connection.is_open()) part(connection);
    }
    const std::lock_guard lock(mutex_);
    ++closed_;
    has_closed_.notify_all();
  }
}

void FakeServer::wait_for_closed(std::size_t count) {
  std::unique_lock lock(mutex_);
  REQUIRE(has_closed_.wait_for(lock, std::chrono::seconds(60), [&] { return closed_ >= count; }));
}

std::string FakeServer::url() const {
  return std::string(tls_ != nullptr ? "https" : "http") + "://127.0.0.1:" + std::to_string(port_);
}

client::ServerSettings FakeServer::settings() const {
  client::ServerSettings settings;
  settings.address = client::parse_server_address(url(), "--server");
  return settings;
}

std::size_t FakeServer::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

}  // namespace kist::testing
