// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/session.hpp"

namespace kist::cli {

struct Counter {
  std::string_view name;  ///< "rewrapped".
  std::uint64_t count;
};

/// How far a long command is.
struct ProgressState {
  std::uint64_t done = 0, total = 0;
  std::vector<Counter> counters = {};
};

/// "[====      ]  40%  12/s  0:34 left  rewrapped 30, failed 1": no wider than `columns`. Counters
/// at 0 are left out.
std::string progress_bar(const ProgressState& state, std::chrono::milliseconds elapsed,
                         std::size_t columns);

/// Tells on standard error how far a long command is. A terminal has one line that is drawn again
/// and again, and is gone at the end; all else gets a line of counters every ten seconds.
///
/// One at a time, on one thread.
class Progress {
 public:
  /// `session` outlives it.
  explicit Progress(const Session& session);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(ProgressState state);
  /// Session::warn(), where the line is not in its way.
  void warn(std::string_view message);
  /// The counters at the end, where no line on a terminal has shown them.
  void finish(ProgressState state);

 private:
  using Clock = std::chrono::steady_clock;

  void draw();
  void erase();
  void write_counters();

  const Session& session_;
  const bool on_terminal_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point due_;
  bool drawn_ = false;
  std::optional<std::uint64_t> told_;  ///< What the last line of counters said was done.
  ProgressState state_;
};

}  // namespace kist::cli
