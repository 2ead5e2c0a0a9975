// SPDX-License-Identifier: Apache-2.0
#include "cli/standard_streams.hpp"

#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "text/printable.hpp"

namespace kist::cli {
namespace {

constexpr std::size_t kLineBytesMax = 16384;

/// 0, or the number of the error.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

}  // namespace

void write_output(std::string_view text) {
  const int error = write_all(STDOUT_FILENO, text);
  if (error == EPIPE) throw OutputClosed();
  if (error != 0) {
    throw Error(ErrorCode::unavailable,
                "cannot write to standard output: " + std::generic_category().message(error));
  }
}

void tell_of_change(const std::function<void()>& write) {
  try {
    write();
  } catch (const OutputClosed&) {
    throw;
  } catch (const Error& error) {
    throw Error(error.code, std::string(error.message()) + "; what the command did is done");
  }
}

void write_error_text(std::string_view text) { write_all(STDERR_FILENO, text); }

void write_notice(std::string_view message) {
  write_error_text("kist: " + core::printable(message, kLineBytesMax) + "\n");
}

void write_detail(std::string_view line) {
  write_error_text("  " + core::printable(line, kLineBytesMax) + "\n");
}

}  // namespace kist::cli
