// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace kist::cli {

/// What the process was given and prepare_process() took away, for a program that it turns into.
struct Inherited {
  ::mode_t umask = 022;
  bool ignores_sigpipe = false, ignores_sigxfsz = false;
  std::vector<std::string> variables;  ///< "LD_LIBRARY_PATH=/opt/lib".
};

/// What must hold before anything else runs: descriptors 0 to 2 are open, so that no file of ours
/// gets such a number; new files are for their owner alone; a closed pipe is an error and no
/// signal; no core dump holds secrets; the environment names no code for the dynamic linker or the
/// C library to load (AT-21); and secrets live in the arena. Call it first, on the only thread.
/// Errors: permission_denied: the program is set-user-id, which it is not made for.
Inherited prepare_process();

/// Overwrites what may be a value where the process was given its arguments, so that ps and
/// /proc/PID/cmdline no longer show it: in a word what stands behind '=', and every word behind the
/// third that has none and is no option.
void forget_command_line(int argc, char** argv);

/// "4 MiB, locked": for people.
std::string describe_secret_memory();

}  // namespace kist::cli
