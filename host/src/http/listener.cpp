// SPDX-License-Identifier: Apache-2.0
#include "http/listener.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <kist/error.hpp>

#include "access/network.hpp"
#include "text/printable.hpp"

namespace kist::http {
namespace {

constexpr int kBacklog = 4096;

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  sa_family_t family() const { return storage.ss_family; }
};

SocketAddress socket_address(const ListenAddress& address) {
  SocketAddress result;
  if (address.is_unix()) {
    sockaddr_un un{};
    un.sun_family = AF_UNIX;
    std::memcpy(un.sun_path, address.path.c_str(), address.path.size() + 1);
    std::memcpy(&result.storage, &un, sizeof(un));
    result.size = sizeof(un);
    return result;
  }
  sockaddr_in v4{};
  if (::inet_pton(AF_INET, address.host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = ::htons(address.port);
    std::memcpy(&result.storage, &v4, sizeof(v4));
    result.size = sizeof(v4);
    return result;
  }
  sockaddr_in6 v6{};
  ::inet_pton(AF_INET6, address.host.c_str(), &v6.sin6_addr);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = ::htons(address.port);
  std::memcpy(&result.storage, &v6, sizeof(v6));
  result.size = sizeof(v6);
  return result;
}

[[noreturn]] void refuse(const ListenAddress& address, int error) {
  const ErrorCode code =
      error == EACCES || error == EPERM ? ErrorCode::permission_denied : ErrorCode::unavailable;
  throw Error(code,
              "cannot listen at " + address.text() + ": " + std::generic_category().message(error));
}

/// Somebody answers there. A file that is no socket is left alone: bind() says that it is in use.
bool is_served(const ListenAddress& address) {
  const SocketAddress where = socket_address(address);
  const core::FileDescriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return ::connect(probe.get(), where.get(), where.size) == 0 || errno != ECONNREFUSED;
}

void remove_stale_socket(const ListenAddress& address) {
  struct stat status {};
  if (::lstat(address.path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode) &&
      !is_served(address))
    ::unlink(address.path.c_str());
}

core::FileDescriptor bound_socket(const ListenAddress& address) {
  const SocketAddress where = socket_address(address);
  core::FileDescriptor result(
      ::socket(where.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!result) refuse(address, errno);
  const int on = 1;
  if (!address.is_unix()) {
    ::setsockopt(result.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (where.family() == AF_INET6)
      ::setsockopt(result.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
  }
  if (::bind(result.get(), where.get(), where.size) != 0) refuse(address, errno);
  // Who connects is told by the kernel and needs to be a principal; who may try, by the directory.
  if (address.is_unix() && ::chmod(address.path.c_str(), 0666) != 0) refuse(address, errno);
  if (::listen(result.get(), kBacklog) != 0) refuse(address, errno);
  return result;
}

std::uint16_t port_of(const SocketAddress& address) {
  if (address.family() == AF_INET)
    return ::ntohs(reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_port);
  return ::ntohs(reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_port);
}

std::uint64_t inode_of(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

}  // namespace

Listener::Listener(const ListenAddress& address, std::size_t threads) : address_(address) {
  if (address_.is_unix()) remove_stale_socket(address_);
  sockets_.push_back(bound_socket(address_));
  if (address_.is_unix()) {
    inode_ = inode_of(address_.path);
  } else {
    SocketAddress bound;
    bound.size = sizeof(bound.storage);
    if (::getsockname(descriptor(0), bound.get(), &bound.size) != 0) refuse(address_, errno);
    address_.port = port_of(bound);
  }
  // The threads share one queue of connections: whoever is free takes the next.
  while (sockets_.size() < threads) {
    sockets_.emplace_back(::fcntl(descriptor(0), F_DUPFD_CLOEXEC, 0));
    if (!sockets_.back()) refuse(address_, errno);
  }
}

Listener::~Listener() {
  if (inode_ != 0 && !sockets_.empty() && inode_of(address_.path) == inode_)
    ::unlink(address_.path.c_str());
}

int accept_from(int listening) noexcept {
  while (true) {
    const int descriptor = ::accept4(listening, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor >= 0) return descriptor;
    // A client that went before it was accepted is none.
    if (errno != EINTR && errno != ECONNABORTED && errno != EPROTO) return -errno;
  }
}

Peer peer_of(int descriptor, bool is_unix) {
  Peer peer;
  if (is_unix) {
    ucred credentials{};
    socklen_t size = sizeof(credentials);
    peer.address = peer.network = "unix";
    if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0) {
      peer.uid = credentials.uid;
      peer.address =
          "unix:pid=" + std::to_string(credentials.pid) + ",uid=" + std::to_string(credentials.uid);
      peer.network = "unix:uid=" + std::to_string(credentials.uid);
    }
    return peer;
  }
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  SocketAddress address;
  address.size = sizeof(address.storage);
  if (::getpeername(descriptor, address.get(), &address.size) != 0) return peer;
  char text[INET6_ADDRSTRLEN] = "";
  if (address.family() == AF_INET) {
    const auto& v4 = *reinterpret_cast<const sockaddr_in*>(&address.storage);
    ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text));
    peer.address = std::string(text) + ":" + std::to_string(port_of(address));
  } else {
    const auto& v6 = *reinterpret_cast<const sockaddr_in6*>(&address.storage);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text));
    peer.address = "[" + std::string(text) + "]:" + std::to_string(port_of(address));
  }
  peer.network = core::counted_network(std::string_view(text)).value_or(text);
  return peer;
}

}  // namespace kist::http
