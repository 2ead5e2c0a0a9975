// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/child_environment.hpp"
#include "cli/interrupts.hpp"
#include "cli/masker.hpp"

namespace kist::cli {

/// A program with its arguments and its environment.
struct Program {
  std::vector<std::string> words;
  ChildEnvironment environment;
  const Inherited& inherited;
};

/// It cannot be run. As a shell has it, the exit code is 127 if there is no such program.
class ProgramFailed : public Error {
 public:
  ProgramFailed(const std::string& name, int error);

  int exit_code;
};

/// Turns this process into the program: it has the same id, parent, terminal and descriptors, so
/// that nothing stands between it and whoever started us. Errors: ProgramFailed; cancelled.
[[noreturn]] void become(Program& program, Interrupts& interrupts);

/// Runs the program with its output and errors shown through us, where `values` are masked. It
/// stays in our process group, so that keys of a terminal reach it; other signals are passed on.
/// Gives its exit code, or 128 and the signal that ended it. Errors: ProgramFailed; cancelled.
int run_masked(Program& program, const MaskedValues& values, Interrupts& interrupts);

}  // namespace kist::cli
