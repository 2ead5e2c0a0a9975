// SPDX-License-Identifier: Apache-2.0
#include "process/program_run.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <system_error>

extern "C" {
#include <sys/pidfd.h>  // Of glibc 2.36, which does not say by itself that it is C.
}

#include <kist/error.hpp>

namespace kist::core {
namespace {

Error cannot_run(int error) {
  return {ErrorCode::failed_precondition,
          "cannot be run: " + std::generic_category().message(error)};
}

/// What the program starts with.
class SpawnSettings {
 public:
  SpawnSettings(int output, int error) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, error, STDERR_FILENO);
    // A plugin's library need not open its files with O_CLOEXEC.
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

std::string_view name_of(std::string_view variable) {
  return variable.substr(0, variable.find('='));
}

/// What posix_spawn() takes: as char* for the sake of old C, though it does not write to them.
/// `texts` outlive it.
std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<char*> environment_with(const std::vector<std::string>& more) {
  std::vector<char*> variables = pointers_to(more);
  variables.pop_back();
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const bool replaced = std::ranges::any_of(
        more, [&](const std::string& text) { return name_of(text) == name_of(*variable); });
    if (!replaced) variables.push_back(*variable);
  }
  variables.push_back(nullptr);
  return variables;
}

}  // namespace

ProgramRun::ProgramRun(const ProgramSettings& settings) {
  const std::vector<char*> arguments = pointers_to(settings.arguments);
  const std::vector<char*> environment = environment_with(settings.environment);
  const SpawnSettings spawn(settings.output, settings.error);
  const int error = ::posix_spawn(&process_, arguments.front(), spawn.actions(), spawn.attributes(),
                                  arguments.data(), environment.data());
  if (error != 0) {
    process_ = 0;
    throw cannot_run(error);
  }
  ended_ = FileDescriptor(::pidfd_open(process_, 0));
  if (!ended_) {
    const int problem = errno;
    stop();
    throw cannot_run(problem);
  }
}

ProgramRun::~ProgramRun() { stop(); }

int ProgramRun::status() {
  siginfo_t end{};
  while (::waitid(P_PID, static_cast<id_t>(process_), &end, WEXITED | WNOWAIT) < 0 &&
         errno == EINTR)
    continue;
  // As long as nobody has waited for it, its number is not another group's.
  if (end.si_pid == process_) ::kill(-process_, SIGKILL);
  int status = 0;
  ::pid_t found = 0;
  while ((found = ::waitpid(process_, &status, 0)) < 0 && errno == EINTR) continue;
  process_ = 0;  // From here on the number may be another's.
  if (found < 0)
    throw Error(ErrorCode::failed_precondition, "has ended, and this process is not told how");
  return status;
}

void ProgramRun::stop() noexcept {
  if (process_ == 0) return;
  ::kill(-process_, SIGKILL);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) continue;
}

}  // namespace kist::core
