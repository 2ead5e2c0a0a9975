// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "kist_process.hpp"

namespace kist::testing {

/// A sanitizer answers signals itself, and the secrets of such a build are not in the arena.
#if defined(KIST_TEST_SANITIZED)
inline constexpr bool kIsSanitized = true;
#else
inline constexpr bool kIsSanitized = false;
#endif

/// Whether this process may look at one that is not dumpable, and there is something to see.
/// Without it, an ObservedProcess does not stop at its end.
bool may_observe();

/// A process that stops once more when it ends: all of its objects are gone then, and its memory is
/// still there.
class ObservedProcess {
 public:
  /// Starts `words`, the first of which is a program's path, in `directory`. The three descriptors
  /// become 0 to 2; a negative one is closed.
  ObservedProcess(const Words& words, const std::map<std::string, std::string>& environment,
                  const std::filesystem::path& directory, int in, int out, int err,
                  bool stops_at_end = may_observe());
  /// Kills it, if it has not ended.
  ~ObservedProcess();
  ObservedProcess(const ObservedProcess&) = delete;
  ObservedProcess& operator=(const ObservedProcess&) = delete;

  pid_t id() const { return child_; }
  void send(int signal) const;
  /// Waits until all it still has to do is to go. False: it has gone, and cannot be looked at.
  bool wait_for_last_stop();
  /// Lets it go; gives the exit code, or minus the signal.
  int wait_for_end();

 private:
  bool step();

  pid_t child_ = -1;
  bool has_stopped_ = false, has_ended_ = false;
  int status_ = 0;
};

}  // namespace kist::testing
