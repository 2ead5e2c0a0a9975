// SPDX-License-Identifier: Apache-2.0
#include "cli/program.hpp"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "text/printable.hpp"

namespace kist::cli {
namespace {

constexpr int kNotFound = 127, kCannotRun = 126;

}  // namespace

ProgramFailed::ProgramFailed(const std::string& name, int error)
    : Error(error == ENOENT ? ErrorCode::not_found : ErrorCode::failed_precondition,
            "cannot run " + core::in_quotes(name, 4096) + ": " +
                std::generic_category().message(error)),
      exit_code(error == ENOENT ? kNotFound : kCannotRun) {}

void become(Program& program, Interrupts& interrupts) {
  std::vector<char*> words;
  for (std::string& word : program.words) words.push_back(word.data());
  words.push_back(nullptr);
  std::vector<char*> environment = program.environment.pointers();
  interrupts.release();
  ::umask(program.inherited.umask);
  if (!program.inherited.ignores_sigpipe) ::signal(SIGPIPE, SIG_DFL);
  if (!program.inherited.ignores_sigxfsz) ::signal(SIGXFSZ, SIG_DFL);
  ::execvpe(words[0], words.data(), environment.data());
  throw ProgramFailed(program.words[0], errno);
}

}  // namespace kist::cli
