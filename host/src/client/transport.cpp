// SPDX-License-Identifier: Apache-2.0
#include "client/transport.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "client/connect.hpp"

namespace kist::client {
namespace {

class PlainTransport final : public Transport {
 public:
  PlainTransport(core::FileDescriptor socket, std::string peer)
      : socket_(std::move(socket)), peer_(std::move(peer)) {}

  std::size_t read(Call& call, char* bytes, std::size_t size) override {
    while (true) {
      const ssize_t count = ::recv(socket_.get(), bytes, size, 0);
      if (count >= 0) return static_cast<std::size_t>(count);
      wait_or_throw(call, POLLIN);
    }
  }

  void write(Call& call, std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count >= 0)
        bytes.remove_prefix(static_cast<std::size_t>(count));
      else
        wait_or_throw(call, POLLOUT);
    }
  }

  bool is_stale() const override {
    struct pollfd ready {
      socket_.get(), POLLIN, 0
    };
    return ::poll(&ready, 1, 0) != 0;
  }

 private:
  void wait_or_throw(Call& call, short events) const {
    if (errno == EINTR) return;
    if (errno != EAGAIN)
      throw ConnectionLost("the connection to " + peer_ +
                           " broke: " + std::generic_category().message(errno));
    wait_until_ready(call, socket_.get(), events);
  }

  core::FileDescriptor socket_;
  std::string peer_;
};

}  // namespace

std::unique_ptr<Transport> plain_transport(core::FileDescriptor socket, std::string peer) {
  return std::make_unique<PlainTransport>(std::move(socket), std::move(peer));
}

}  // namespace kist::client
