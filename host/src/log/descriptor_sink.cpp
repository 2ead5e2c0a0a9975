// SPDX-License-Identifier: Apache-2.0
#include "log/descriptor_sink.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace kist::log {
namespace {

// What the first line waits for room, of those that find none. The others do not wait at all.
constexpr int kPatienceMs = 100;

}  // namespace

void DescriptorSink::sink_it_(const spdlog::details::log_msg& message) {
  if (!may_write()) {
    ++dropped_;
    return;
  }
  if (dropped_ != 0) {
    const std::string lost = lost_(dropped_);
    const spdlog::details::log_msg warning({}, {}, spdlog::level::warn, lost);
    if (!write_message(warning)) {
      ++dropped_;
      return;
    }
    dropped_ = 0;
  }
  if (!may_write() || !write_message(message)) ++dropped_;
}

/// A pipe that is ready takes PIPE_BUF bytes without waiting, and no line has more. What is closed
/// is ready too: write() says so.
bool DescriptorSink::may_write() {
  pollfd ready{descriptor_, POLLOUT, 0};
  int count = 0;
  do {
    count = ::poll(&ready, 1, dropped_ == 0 ? kPatienceMs : 0);
  } while (count < 0 && errno == EINTR);
  return count > 0;
}

bool DescriptorSink::write_message(const spdlog::details::log_msg& message) {
  spdlog::memory_buf_t line;
  if (is_torn_) line.push_back('\n');
  formatter_->format(message, line);
  const char* next = line.data();
  std::size_t rest = line.size();
  while (rest != 0) {
    const ssize_t count = ::write(descriptor_, next, rest);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      is_torn_ = is_torn_ || rest != line.size();
      return false;
    }
    next += count;
    rest -= static_cast<std::size_t>(count);
  }
  is_torn_ = false;
  return true;
}

}  // namespace kist::log
