// SPDX-License-Identifier: Apache-2.0
#include "audit/read_range.hpp"

#include <unistd.h>

#include <cerrno>

namespace kist::core {

std::string read_range(const PrivateFile& file, int descriptor, std::uint64_t from,
                       std::uint64_t until) {
  std::string text(static_cast<std::size_t>(until - from), '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    const ::ssize_t count = ::pread(descriptor, text.data() + done, text.size() - done,
                                    static_cast<::off_t>(from + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw file.failure("read", errno);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  text.resize(done);
  return text;
}

}  // namespace kist::core
