// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>

#include <cerrno>

#include "http/transport.hpp"

namespace kist::http {
namespace {

class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(int descriptor) : descriptor_(descriptor) {}

  Outcome shake_hands() override { return Outcome::done; }

  Result read(char* bytes, std::size_t size) override {
    return result_of(Outcome::wants_read, [&] { return ::recv(descriptor_, bytes, size, 0); });
  }
  Result write(std::string_view bytes) override {
    return result_of(Outcome::wants_write,
                     [&] { return ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL); });
  }
  void say_goodbye() noexcept override {}

 private:
  template <class Call>
  static Result result_of(Outcome wait, Call&& call) {
    while (true) {
      const ssize_t count = call();
      if (count > 0) return {Outcome::done, static_cast<std::size_t>(count)};
      if (count < 0 && errno == EINTR) continue;
      const bool would_block = count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
      return {would_block ? wait : Outcome::closed, 0};
    }
  }

  const int descriptor_;
};

}  // namespace

std::unique_ptr<Transport> plain_transport(int descriptor) {
  return std::make_unique<PlainTransport>(descriptor);
}

}  // namespace kist::http
