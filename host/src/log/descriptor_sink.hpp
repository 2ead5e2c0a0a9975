// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include <spdlog/sinks/base_sink.h>

namespace kist::log {

/// Writes each line in one piece. spdlog's own sinks wait for ever for who does not read a pipe,
/// and with them every thread that logs.
class DescriptorSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  /// `lost` writes what a line says of how many were lost.
  using Lost = std::string (*)(std::uint64_t count);
  DescriptorSink(int descriptor, Lost lost) : descriptor_(descriptor), lost_(lost) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}  // Nothing is kept back.

 private:
  bool may_write();
  /// False: it is not written, or not all of it.
  bool write_message(const spdlog::details::log_msg& message);

  const int descriptor_;
  const Lost lost_;
  // Guarded by base_sink's mutex.
  std::uint64_t dropped_ = 0;  // Since the last line that was written.
  bool is_torn_ = false;       // What was written last is a part of a line.
};

}  // namespace kist::log
