// SPDX-License-Identifier: Apache-2.0
#include "client/resolve.hpp"

#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <thread>

#include <netinet/in.h>

#include "client/connect.hpp"
#include "loader/file_descriptor.hpp"
#include "text/printable.hpp"

namespace kist::client {
namespace {

constexpr std::size_t kAddressesMax = 16;

struct Lookup {
  int error = 0;
  std::vector<SocketAddress> found;
};

/// `flags`: AI_NUMERICHOST asks nobody.
Lookup look_up(const std::string& host, std::uint16_t port, int flags) {
  struct addrinfo hints {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | flags;
  struct addrinfo* list = nullptr;
  Lookup lookup;
  lookup.error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (lookup.error != 0) return lookup;
  const std::unique_ptr<struct addrinfo, decltype(&::freeaddrinfo)> owner(list, ::freeaddrinfo);
  for (; list != nullptr && lookup.found.size() < kAddressesMax; list = list->ai_next) {
    SocketAddress address;
    address.size =
        static_cast<socklen_t>(std::min<std::size_t>(list->ai_addrlen, sizeof(address.bytes)));
    std::memcpy(&address.bytes, list->ai_addr, address.size);
    lookup.found.push_back(address);
  }
  return lookup;
}

/// What the thread that asks, and the one that waits, share: either may be the last to need it.
struct Question {
  std::string host;
  std::uint16_t port;
  core::FileDescriptor answered{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  Lookup lookup{};  // Written before answered is, and read after it.
};

}  // namespace

bool SocketAddress::is_loopback() const {
  if (bytes.ss_family == AF_INET) {
    struct sockaddr_in address {};
    std::memcpy(&address, &bytes, sizeof(address));
    return (ntohl(address.sin_addr.s_addr) >> 24) == 127;
  }
  struct sockaddr_in6 address {};
  std::memcpy(&address, &bytes, sizeof(address));
  return bytes.ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&address.sin6_addr);
}

std::vector<SocketAddress> resolve(Call& call, const ServerAddress& address) {
  Lookup numeric = look_up(address.host, address.port, AI_NUMERICHOST);
  if (numeric.error == 0) return std::move(numeric.found);
  const auto question = std::make_shared<Question>(Question{address.host, address.port});
  if (!question->answered)
    throw Error(ErrorCode::resource_exhausted, "the process has no file descriptor left");
  // A lookup can neither be given a deadline nor be called off, so nobody waits for its thread.
  std::thread([question] {
    question->lookup = look_up(question->host, question->port, 0);
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(question->answered.get(), &one, sizeof(one));
  }).detach();
  wait_until_ready(call, question->answered.get(), POLLIN);
  std::uint64_t count = 0;
  [[maybe_unused]] const auto count_read = ::read(question->answered.get(), &count, sizeof(count));
  if (question->lookup.error != 0 || question->lookup.found.empty())
    throw Error(ErrorCode::unavailable, "the host of " + address.named() + " is not found: " +
                                            ::gai_strerror(question->lookup.error));
  return std::move(question->lookup.found);
}

}  // namespace kist::client
