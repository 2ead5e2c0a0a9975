// SPDX-License-Identifier: Apache-2.0
#include "sealing/key_command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

extern "C" {
#include <sys/pidfd.h>  // Of glibc 2.36, which does not say by itself that it is C.
}

#include <kist/error.hpp>

#include "loader/file_descriptor.hpp"

namespace kist::core {
namespace {

using Clock = std::chrono::steady_clock;

Error failure(const std::string& what) { return {ErrorCode::failed_precondition, what}; }

Error cannot_run(int error) {
  return failure("cannot be run: " + std::generic_category().message(error));
}

/// What the program starts with: nothing of ours but standard error.
class SpawnSettings {
 public:
  explicit SpawnSettings(int output) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
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

/// A process group of one program, which does not outlive this object.
class ProgramRun {
 public:
  ProgramRun(const std::vector<std::string>& arguments, int output) {
    std::vector<char*> pointers;
    // posix_spawn() takes them as char* for the sake of old C, and does not write to them.
    for (const std::string& argument : arguments)
      pointers.push_back(const_cast<char*>(argument.c_str()));
    pointers.push_back(nullptr);
    const SpawnSettings settings(output);
    const int error = ::posix_spawn(&process_, pointers.front(), settings.actions(),
                                    settings.attributes(), pointers.data(), environ);
    if (error != 0) throw cannot_run(error);
    ended_ = FileDescriptor(::pidfd_open(process_, 0));
    if (!ended_) {
      const int problem = errno;
      stop();
      throw cannot_run(problem);
    }
  }
  ~ProgramRun() { stop(); }
  ProgramRun(const ProgramRun&) = delete;
  ProgramRun& operator=(const ProgramRun&) = delete;

  /// Can be read from once the program has ended.
  int ended() const { return ended_.get(); }

  /// Of a program that has ended, as waitpid() has it.
  int status() {
    int status = 0;
    ::pid_t found = 0;
    while ((found = ::waitpid(process_, &status, 0)) < 0 && errno == EINTR) continue;
    process_ = 0;  // From here on the number may be another's.
    if (found < 0) throw failure("has ended, and this process is not told how");
    return status;
  }

 private:
  void stop() noexcept {
    if (process_ == 0) return;
    ::kill(-process_, SIGKILL);
    while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) continue;
  }

  ::pid_t process_ = 0;
  FileDescriptor ended_;
};

void wait_for(int descriptor, Clock::time_point deadline, std::chrono::milliseconds limit) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd waited{descriptor, POLLIN, 0};
    const int count = ::poll(&waited, 1, static_cast<int>(std::max<decltype(left)>(left, 0)));
    if (count > 0) return;
    if (count < 0 && errno != EINTR) throw cannot_run(errno);
    if (count == 0)
      throw Error(ErrorCode::unavailable,
                  "has not ended within " + std::to_string(limit.count()) + " ms");
  }
}

void check_status(int status) {
  if (WIFSIGNALED(status)) throw failure("was ended by signal " + std::to_string(WTERMSIG(status)));
  if (WEXITSTATUS(status) != 0) throw failure("ended with " + std::to_string(WEXITSTATUS(status)));
}

}  // namespace

SecretValue run_key_command(const std::vector<std::string>& arguments, std::size_t bytes_max,
                            std::chrono::milliseconds deadline) {
  const Clock::time_point end = Clock::now() + deadline;
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw cannot_run(errno);
  const FileDescriptor output(ends[0]);
  FileDescriptor input(ends[1]);
  ProgramRun program(arguments, input.get());
  input = FileDescriptor();

  std::size_t size = 0;
  const SecretValue buffer = SecretValue::written(bytes_max + 1, [&](char* memory) {
    while (size <= bytes_max) {
      wait_for(output.get(), end, deadline);
      const ::ssize_t count = ::read(output.get(), memory + size, bytes_max + 1 - size);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) throw cannot_run(errno);
      if (count == 0) break;
      size += static_cast<std::size_t>(count);
    }
  });
  if (size > bytes_max) throw failure("wrote more than " + std::to_string(bytes_max) + " bytes");
  wait_for(program.ended(), end, deadline);
  check_status(program.status());
  return SecretValue(buffer.reveal().substr(0, size));
}

}  // namespace kist::core
