// SPDX-License-Identifier: Apache-2.0
#include "stream.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

namespace kist::testing {
namespace {

using Clock = std::chrono::steady_clock;
using core::FileDescriptor;

std::string system_error(const char* what) { return std::string(what) + ": " + strerror(errno); }

/// False: the time is up.
bool wait_until_ready(int descriptor, short events, Clock::time_point end) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    struct pollfd ready = {descriptor, events, 0};
    const int count = ::poll(&ready, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (count > 0) return true;
    if (count == 0) return false;
    if (errno != EINTR) throw NoAnswer(system_error("poll"));
  }
}

class PlainStream final : public Stream {
 public:
  explicit PlainStream(FileDescriptor socket) : socket_(std::move(socket)) {}

  std::optional<std::string> receive(std::chrono::milliseconds patience) override {
    if (!wait_until_ready(socket_.get(), POLLIN, Clock::now() + patience)) return std::nullopt;
    std::string bytes(65'536, '\0');
    const ssize_t count = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    return bytes;
  }
  bool send(std::string_view bytes, std::chrono::milliseconds patience) override {
    const auto end = Clock::now() + patience;
    while (!bytes.empty()) {
      const ssize_t count =
          ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (count > 0)
        bytes.remove_prefix(static_cast<std::size_t>(count));
      else if (errno != EAGAIN && errno != EINTR)
        return false;
      else if (!wait_until_ready(socket_.get(), POLLOUT, end))
        return false;
    }
    return true;
  }
  int descriptor() const override { return socket_.get(); }

 private:
  FileDescriptor socket_;
};

FileDescriptor new_socket(int family) {
  FileDescriptor made(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!made) throw NoAnswer(system_error("socket"));
  return made;
}

template <class Address>
void connect_to(int socket, const Address& address) {
  if (::connect(socket, reinterpret_cast<const ::sockaddr*>(&address), sizeof address) != 0)
    throw NoAnswer(system_error("connect"));
}

std::string tls_error() {
  std::array<char, 256> text{};
  ::ERR_error_string_n(::ERR_get_error(), text.data(), text.size());
  return text.data();
}

}  // namespace

std::unique_ptr<Stream> connect_tcp(std::uint16_t port, const TcpOptions& options) {
  FileDescriptor made = new_socket(AF_INET);
  if (options.receive_buffer > 0) {
    ::setsockopt(made.get(), SOL_SOCKET, SO_RCVBUF, &options.receive_buffer,
                 sizeof options.receive_buffer);
  }
  const int on = 1;
  ::setsockopt(made.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::sockaddr_in address{};
  address.sin_family = AF_INET;
  ::inet_pton(AF_INET, options.source.c_str(), &address.sin_addr);
  if (options.source != "127.0.0.1" &&
      ::bind(made.get(), reinterpret_cast<const ::sockaddr*>(&address), sizeof address) != 0)
    throw NoAnswer(system_error("bind"));
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connect_to(made.get(), address);
  return std::make_unique<PlainStream>(std::move(made));
}

std::unique_ptr<Stream> connect_unix(const std::filesystem::path& path) {
  FileDescriptor made = new_socket(AF_UNIX);
  ::sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.native().copy(address.sun_path, sizeof address.sun_path - 1);
  connect_to(made.get(), address);
  return std::make_unique<PlainStream>(std::move(made));
}

TlsContext::TlsContext(const Options& options) : context_(::SSL_CTX_new(::TLS_client_method())) {
  ::SSL_CTX* const context = context_.get();
  ::SSL_CTX_set_min_proto_version(context, options.version_min);
  ::SSL_CTX_set_max_proto_version(context, options.version_max);
  if (options.version_min < TLS1_2_VERSION) ::SSL_CTX_set_security_level(context, 0);
  ::SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  bool good = ::SSL_CTX_load_verify_file(context, options.authority.c_str()) == 1;
  if (options.certificate) {
    good = good &&
           ::SSL_CTX_use_certificate_chain_file(context, options.certificate->c_str()) == 1 &&
           ::SSL_CTX_use_PrivateKey_file(context, options.key->c_str(), SSL_FILETYPE_PEM) == 1;
  }
  if (!good) throw std::runtime_error("TlsContext: " + tls_error());
}

TlsStream::TlsStream(std::unique_ptr<Stream> below, const TlsContext& context)
    : below_(std::move(below)), ssl_(::SSL_new(context.get())) {
  ::SSL_set_fd(ssl_.get(), below_->descriptor());
  ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(ssl_.get()), "127.0.0.1");
  const timeval patience{kPatience.count(), 0};
  ::setsockopt(descriptor(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::ERR_clear_error();
  if (::SSL_connect(ssl_.get()) != 1) throw NoAnswer("TLS handshake: " + tls_error());
  const int flags = ::fcntl(descriptor(), F_GETFL);
  ::fcntl(descriptor(), F_SETFL, flags | O_NONBLOCK);
}

TlsStream::~TlsStream() { ::SSL_shutdown(ssl_.get()); }

/// Whether to try again: what it waited for is there.
bool TlsStream::wait_for(int result, Clock::time_point end) const {
  const int error = ::SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_READ) return wait_until_ready(descriptor(), POLLIN, end);
  if (error == SSL_ERROR_WANT_WRITE) return wait_until_ready(descriptor(), POLLOUT, end);
  return false;
}

std::optional<std::string> TlsStream::receive(std::chrono::milliseconds patience) {
  const auto end = Clock::now() + patience;
  std::string bytes(65'536, '\0');
  for (;;) {
    ::ERR_clear_error();
    const int count = ::SSL_read(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
    if (count > 0) {
      bytes.resize(static_cast<std::size_t>(count));
      return bytes;
    }
    if (!wait_for(count, end)) {
      const int error = ::SSL_get_error(ssl_.get(), count);
      if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return std::nullopt;
      return "";
    }
  }
}

bool TlsStream::send(std::string_view bytes, std::chrono::milliseconds patience) {
  const auto end = Clock::now() + patience;
  while (!bytes.empty()) {
    ::ERR_clear_error();
    const int count = ::SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
    if (count > 0)
      bytes.remove_prefix(static_cast<std::size_t>(count));
    else if (!wait_for(count, end))
      return false;
  }
  return true;
}

}  // namespace kist::testing
