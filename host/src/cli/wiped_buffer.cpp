// SPDX-License-Identifier: Apache-2.0
#include "cli/wiped_buffer.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace kist::cli {

std::size_t read_some(int descriptor, char* bytes, std::size_t size, const Interrupts& interrupts) {
  while (true) {
    struct pollfd ready[] = {{descriptor, POLLIN, 0}, {interrupts.fd(), POLLIN, 0}};
    if (::poll(ready, 2, -1) < 0) continue;
    interrupts.check();
    const ssize_t count = ::read(descriptor, bytes, size);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno == EINTR || errno == EAGAIN) continue;
    if (errno == EIO) return 0;  // A terminal that has gone.
    throw Error(ErrorCode::unavailable, "cannot read: " + std::generic_category().message(errno));
  }
}

std::optional<char> read_byte(int descriptor, const Interrupts& interrupts) {
  char byte = 0;
  if (read_some(descriptor, &byte, 1, interrupts) == 0) return std::nullopt;
  return byte;
}

std::optional<SecretValue> read_to_end(int descriptor, std::size_t bytes_max,
                                       const Interrupts& interrupts) {
  WipedBuffer buffer(bytes_max + 1);
  while (buffer.room() > 0) {
    const std::size_t count = read_some(descriptor, buffer.end(), buffer.room(), interrupts);
    if (count == 0) return SecretValue(buffer.text());
    buffer.resize(buffer.size() + count);
  }
  return std::nullopt;
}

}  // namespace kist::cli
