// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>

#include "log/field.hpp"

namespace kist::core {
struct LogSettings;
}

namespace kist::log {

enum class Level { trace, debug, info, warning, error };

/// The server's log: a line for each event, as text for people or JSON for programs.
///
///     log.info("listening", {{"address", "127.0.0.1:8420"}});
///     2026-03-01 12:00:00.123 info  listening  address=127.0.0.1:8420
///     {"time":"2026-03-01T12:00:00.123Z","level":"info","message":"listening","address":"…"}
///
/// Times are UTC. A line is written by the call that logs it, in one piece, so that none is lost
/// when the process ends; when nobody takes lines any more, they are counted and dropped, and the
/// next one that can be written is preceded by their number. Any thread; throws nothing but
/// bad_alloc. The process must ignore SIGPIPE.
class Log {
 public:
  /// `descriptor` stays the caller's. The format "auto" is text if it is a terminal.
  explicit Log(const core::LogSettings& settings, int descriptor = STDERR_FILENO);
  ~Log();

  /// From now on. The format stays as it is.
  void set_level(const core::LogSettings& settings);
  /// Whether such a line would be written: asked before a costly field is made.
  bool takes(Level level) const noexcept;

  /// Nothing is formatted unless takes(level). `message` is of our own choice; what comes from
  /// outside is a field.
  void write(Level level, std::string_view message, std::span<const Field> fields);

  using Fields = std::initializer_list<Field>;
  void trace(std::string_view message, Fields fields = {}) { write(Level::trace, message, fields); }
  void debug(std::string_view message, Fields fields = {}) { write(Level::debug, message, fields); }
  void info(std::string_view message, Fields fields = {}) { write(Level::info, message, fields); }
  void warning(std::string_view message, Fields fields = {}) {
    write(Level::warning, message, fields);
  }
  void error(std::string_view message, Fields fields = {}) { write(Level::error, message, fields); }

 private:
  class Writer;  // spdlog's own types stay out of this header.
  std::unique_ptr<Writer> writer_;
};

}  // namespace kist::log
