// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>
#include <termios.h>

#include <string>
#include <string_view>

#include "kist_process.hpp"
#include "loader/file_descriptor.hpp"

namespace kist::testing {

/// `kist` on a terminal of its own.
class TerminalProcess {
 public:
  TerminalProcess(const Workplace& workplace, const Words& words);
  ~TerminalProcess();
  TerminalProcess(const TerminalProcess&) = delete;
  TerminalProcess& operator=(const TerminalProcess&) = delete;

  /// Waits until the screen shows `text`.
  void wait_for(std::string_view text);
  void type(std::string_view keys) const;
  /// As if the key for it had been pressed.
  void interrupt() const { type("\x03"); }
  /// Waits for the end; gives the exit code, or minus the signal.
  int wait_for_end();

  const std::string& screen() const { return screen_; }
  bool shows_input() const;  ///< Whether the terminal echoes what is typed.

 private:
  bool read_more();

  core::FileDescriptor terminal_, side_;
  pid_t child_ = -1;
  std::string screen_;
};

}  // namespace kist::testing
