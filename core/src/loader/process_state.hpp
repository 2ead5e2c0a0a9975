// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <array>
#include <map>
#include <string>
#include <vector>

#include "loader/file_descriptor.hpp"

namespace kist::core {

/// What belongs to the process and not to a plugin (KP-14): signal handlers and mask, umask,
/// working directory, locale, environment, and the descriptors 0 to 2. Taken before code of a
/// plugin runs, compared and put back after. To be used while no other thread changes these.
class ProcessState {
 public:
  static ProcessState capture();

  /// Puts back whatever differs now, and names it: "the handler of signal 10", "the umask". Empty:
  /// all is as it was.
  std::vector<std::string> restore() const;

 private:
  struct StandardDescriptor {
    FileDescriptor copy;  // Closed when the descriptor was.
    dev_t device = 0;
    ino_t inode = 0;
  };
  static constexpr int kSignalCount = 65;

  ProcessState() = default;
  void restore_signals(std::vector<std::string>& changed) const;
  void restore_files(std::vector<std::string>& changed) const;
  void restore_environment(std::vector<std::string>& changed) const;

  std::array<struct sigaction, kSignalCount> handlers_{};
  sigset_t mask_{};
  mode_t umask_ = 0;
  FileDescriptor working_directory_;
  std::string locale_;
  std::map<std::string, std::string> environment_;
  std::array<StandardDescriptor, 3> standard_;
};

}  // namespace kist::core
