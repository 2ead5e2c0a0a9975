// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "loader/file_descriptor.hpp"

namespace kist::core {

/// What a program is started with, without a shell.
struct ProgramSettings {
  std::vector<std::string> arguments;  ///< The first is its path.
  int output = STDOUT_FILENO;          ///< Its standard output.
  int error = STDERR_FILENO;
  /// "NAME=VALUE", over what this process has.
  std::vector<std::string> environment = {};
};

/// One program in a process group of its own, none of which outlives this object. It has no
/// standard input, and no open file of ours but the two of its settings. For one thread.
class ProgramRun {
 public:
  /// Errors: failed_precondition: it cannot be run. The message is the end of a sentence.
  explicit ProgramRun(const ProgramSettings& settings);
  ~ProgramRun();
  ProgramRun(const ProgramRun&) = delete;
  ProgramRun& operator=(const ProgramRun&) = delete;

  /// Can be read from once the program has ended.
  int ended() const { return ended_.get(); }

  /// Waits for its end, and says how it was, as waitpid() does. What is left of its group is ended.
  /// Once.
  /// Errors: failed_precondition: something else in this process has waited for it.
  int status();

 private:
  void stop() noexcept;

  ::pid_t process_ = 0;
  FileDescriptor ended_;
};

}  // namespace kist::core
