// SPDX-License-Identifier: Apache-2.0
#include "client/connect.hpp"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <system_error>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "client/resolve.hpp"
#include "loader/host_call.hpp"

namespace kist::client {
namespace {

constexpr std::chrono::milliseconds kPollMax{60'000};

Error cannot_connect(const ServerAddress& address, const std::string& why) {
  return {ErrorCode::unavailable, "cannot connect to " + address.named() + ": " + why};
}

std::string words_of(int error) { return std::generic_category().message(error); }

int poll_time(Call& call) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(
      std::min<std::chrono::nanoseconds>(call.remaining(), kPollMax));
  return static_cast<int>(left.count());
}

/// 0, or what is wrong with this address.
int connect_one(Call& call, int socket, const struct sockaddr* address, socklen_t size) {
  if (::connect(socket, address, size) == 0) return 0;
  if (errno != EINPROGRESS && errno != EINTR) return errno;
  wait_until_ready(call, socket, POLLOUT);
  int error = 0;
  socklen_t error_size = sizeof(error);
  ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &error_size);
  return error;
}

core::FileDescriptor new_socket(int family) {
  core::FileDescriptor socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket)
    throw Error(ErrorCode::resource_exhausted, "no socket can be made: " + words_of(errno));
  return socket;
}

/// The call of which one address gets its share of the time, so that one that does not answer
/// leaves some for the next.
class PartOfCall final : public Call {
 public:
  PartOfCall(Call& whole, std::size_t parts) : whole_(whole), deadline_ns_(whole.deadline_ns()) {
    if (deadline_ns_ == INT64_MAX) return;
    const std::int64_t left = whole.remaining().count();
    deadline_ns_ -= left - left / static_cast<std::int64_t>(parts);
  }
  std::int64_t deadline_ns() const override { return deadline_ns_; }
  bool is_cancelled() const override { return whole_.is_cancelled(); }
  int cancel_fd() const override { return whole_.cancel_fd(); }

 private:
  Call& whole_;
  std::int64_t deadline_ns_;
};

core::FileDescriptor connect_to_path(Call& call, const ServerAddress& address) {
  struct sockaddr_un name {};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, address.path.c_str(), address.path.size() + 1);
  core::FileDescriptor socket = new_socket(AF_UNIX);
  const int error = connect_one(call, socket.get(), reinterpret_cast<const struct sockaddr*>(&name),
                                sizeof(name));
  if (error != 0) throw cannot_connect(address, words_of(error));
  return socket;
}

core::FileDescriptor connect_to_host(Call& call, const ServerAddress& address,
                                     const std::vector<SocketAddress>& places) {
  std::string why;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const SocketAddress& place = places[i];
    core::FileDescriptor socket = new_socket(place.bytes.ss_family);
    PartOfCall part(call, places.size() - i);
    try {
      const int error = connect_one(
          part, socket.get(), reinterpret_cast<const struct sockaddr*>(&place.bytes), place.size);
      if (error == 0) {
        const int yes = 1;
        ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
        return socket;
      }
      why = words_of(error);
    } catch (const Error& error) {
      if (error.code != ErrorCode::deadline_exceeded) throw;
      why = "it does not answer";
    }
  }
  throw cannot_connect(address, why);
}

}  // namespace

void wait_until_ready(Call& call, int descriptor, short events) {
  while (true) {
    call.check();
    struct pollfd ready[] = {{descriptor, events, 0}, {call.cancel_fd(), POLLIN, 0}};
    if (::poll(ready, 2, poll_time(call)) > 0 && ready[0].revents != 0) return;
  }
}

core::FileDescriptor connect_to(Call& call, const ServerAddress& address, bool anywhere) {
  if (address.kind == ServerAddress::Kind::unix_socket) return connect_to_path(call, address);
  std::vector<SocketAddress> places = resolve(call, address);
  if (address.kind == ServerAddress::Kind::http && !anywhere) {
    std::erase_if(places, [](const SocketAddress& place) { return !place.is_loopback(); });
    if (places.empty())
      throw Error(
          ErrorCode::failed_precondition,
          address.named() +
              " is another machine, and http:// would show token and values to whoever is "
              "in between; use https://, or --insecure-http if you know the way to be safe");
  }
  return connect_to_host(call, address, places);
}

}  // namespace kist::client
