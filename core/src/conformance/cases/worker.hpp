// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "store_under_test.hpp"

namespace kist::conformance {

/// A process of its own with the same store open: this program again, told to do a job. It is
/// executed anew and not only forked, because a fork of a process with threads can do nothing.
/// Lines go both ways.
class Worker {
 public:
  Worker(const StoreHome& home, std::string_view job);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  /// Ends it, however busy it is.
  ~Worker();

  void send(std::string_view line);
  /// The next line, without its end; nothing when the worker is gone.
  std::optional<std::string> read_line();
  /// SIGKILL. What it wrote before can still be read.
  void kill();

 private:
  pid_t process_ = -1;
  int to_ = -1, from_ = -1;
  std::string received_;
};

/// What the process of a Worker runs: the job, until the input ends. Returns the exit code.
int run_job(const StoreHome& home, std::string_view job);

}  // namespace kist::conformance
