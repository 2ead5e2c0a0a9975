// SPDX-License-Identifier: Apache-2.0
#include "observed_process.hpp"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include <doctest/doctest.h>

namespace kist::testing {
ObservedProcess::ObservedProcess(const Words& words,
                                 const std::map<std::string, std::string>& environment,
                                 const std::filesystem::path& directory, int in, int out, int err,
                                 bool stops_at_end) {
  Pipe gate;
  Words line = words, variables;
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  const std::vector<char*> argv = pointers(line), envp = pointers(variables);
  const std::array<int, 3> given = {in, out, err};
  child_ = ::fork();
  REQUIRE(child_ >= 0);
  if (child_ == 0) {  // Only what is safe after fork().
    char nothing = 0;
    ::close(gate.write.get());
    static_cast<void>(!::read(gate.read.get(), &nothing, 1));  // Until it is traced.
    ::setsid();
    ::signal(SIGPIPE, SIG_DFL);
    for (int number = 0; number < 3; ++number) {
      const int from = given[static_cast<std::size_t>(number)];
      if (from < 0)
        ::close(number);
      else
        ::dup2(from, number);
    }
    if (::chdir(directory.c_str()) == 0) ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  if (stops_at_end)
    REQUIRE(::ptrace(PTRACE_SEIZE, child_, nullptr, PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL) == 0);
}

ObservedProcess::~ObservedProcess() {
  if (has_ended_) return;
  ::kill(child_, SIGKILL);
  while (!has_ended_ && step()) {
  }
}

void ObservedProcess::send(int signal) const { REQUIRE(::kill(child_, signal) == 0); }

/// Waits for the next thing that happens to it; false, when it cannot be waited for.
bool ObservedProcess::step() {
  if (has_stopped_) ::ptrace(PTRACE_CONT, child_, nullptr, 0);
  has_stopped_ = false;
  if (::waitpid(child_, &status_, __WALL) != child_) return false;
  has_ended_ = !WIFSTOPPED(status_);
  if (has_ended_) return true;
  has_stopped_ = status_ >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8);
  // All other stops are signals on their way to it, and the exec.
  const int signal = WSTOPSIG(status_) == SIGTRAP ? 0 : WSTOPSIG(status_);
  if (!has_stopped_) ::ptrace(PTRACE_CONT, child_, nullptr, signal);
  return true;
}

bool ObservedProcess::wait_for_last_stop() {
  while (!has_stopped_ && !has_ended_) REQUIRE(step());
  return has_stopped_;
}

int ObservedProcess::wait_for_end() {
  while (!has_ended_) REQUIRE(step());
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : -WTERMSIG(status_);
}

bool may_observe() { return !kIsSanitized && ::geteuid() == 0; }

}  // namespace kist::testing
