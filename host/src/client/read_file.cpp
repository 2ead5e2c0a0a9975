// SPDX-License-Identifier: Apache-2.0
#include "client/read_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include <kist/error.hpp>

#include "config/private_file.hpp"
#include "loader/file_descriptor.hpp"
#include "text/printable.hpp"

namespace kist::client {
namespace {

[[noreturn]] void fail(const std::string& path, int error) {
  throw Error(core::code_of_system_error(error), "cannot read file " + core::in_quotes(path, 4096) +
                                                     ": " + std::generic_category().message(error));
}

}  // namespace

SecretValue read_file(const std::string& path, std::size_t bytes_max) {
  const core::FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file) fail(path, errno);
  constexpr std::size_t step = 4096;
  detail::SecretBuffer text;
  while (true) {
    const std::size_t before = text.size();
    const ssize_t count = ::read(file.get(), text.extend(step), step);
    const int error = errno;
    text.truncate(before + (count > 0 ? static_cast<std::size_t>(count) : 0));
    if (count == 0) return SecretValue(std::move(text));
    if (count < 0 && error == EISDIR)
      throw Error(ErrorCode::invalid_argument,
                  "cannot read file " + core::in_quotes(path, 4096) + ": it is a directory");
    if (count < 0 && error != EINTR) fail(path, error);
    if (text.size() > bytes_max)
      throw Error(ErrorCode::invalid_argument, "file " + core::in_quotes(path, 4096) +
                                                   " holds more than " + std::to_string(bytes_max) +
                                                   " bytes");
  }
}

}  // namespace kist::client
