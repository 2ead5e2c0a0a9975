// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "cli/program.hpp"

namespace kist::cli {
namespace {

constexpr int kPassedOn[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
constexpr std::size_t kReadBytes = std::size_t{16} << 10;
/// A pipe that poll() calls writable takes as much at once without blocking.
constexpr std::size_t kWriteBytes = 4096;

core::FileDescriptor checked(int descriptor) {
  if (descriptor < 0)
    throw Error(ErrorCode::resource_exhausted, "the process has no file descriptor left");
  return core::FileDescriptor(descriptor);
}

/// One of the two streams that a program writes.
class Relay {
 public:
  Relay(const MaskedValues& values, int target) : masker_(values), target_(target) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
      throw Error(ErrorCode::resource_exhausted, "the process has no file descriptor left");
    source_ = core::FileDescriptor(ends[0]);
    given_ = core::FileDescriptor(ends[1]);
    ::fcntl(source_.get(), F_SETFL, O_NONBLOCK);
  }

  int given() const { return given_.get(); }
  void begin() { given_ = core::FileDescriptor(); }
  bool is_done() const { return !source_ && !has_output(); }

  /// What to wait for: room where it goes to, or else more of it.
  struct pollfd waiting() const {
    if (has_output()) return {target_, POLLOUT, 0};
    return {source_.get(), POLLIN, 0};
  }
  /// Goes on with what waiting() waited for.
  void go_on() {
    if (has_output())
      write_some();
    else if (source_)
      read_some();
  }
  /// Shows what the program has written up to now: whoever else has the pipe may hold it for ever.
  void drain() {
    while (!is_done()) {
      if (has_output()) {
        struct pollfd ready {
          target_, POLLOUT, 0
        };
        ::poll(&ready, 1, -1);
        write_some();
      } else if (!read_some()) {
        end();
      }
    }
  }

 private:
  bool has_output() const { return written_ < output_.size(); }

  /// False: there is nothing now.
  bool read_some() {
    detail::SecretBuffer input;
    const ssize_t count = ::read(source_.get(), input.extend(kReadBytes), kReadBytes);
    if (count < 0) return errno == EINTR;
    output_.truncate(0);
    written_ = 0;
    if (count == 0)
      end();
    else
      masker_.feed({input.data(), static_cast<std::size_t>(count)}, output_);
    return true;
  }

  void end() {
    output_.truncate(0);
    written_ = 0;
    masker_.finish(output_);
    source_ = core::FileDescriptor();
  }

  void write_some() {
    const std::size_t size = std::min(kWriteBytes, output_.size() - written_);
    const ssize_t count = ::write(target_, output_.data() + written_, size);
    if (count >= 0) {
      written_ += static_cast<std::size_t>(count);
    } else if (errno != EINTR && errno != EAGAIN) {
      // Nobody reads: the program is to find that out as well.
      source_ = core::FileDescriptor();
      written_ = output_.size();
    }
  }

  Masker masker_;
  int target_;
  core::FileDescriptor source_, given_;
  detail::SecretBuffer output_;
  std::size_t written_ = 0;
};

/// The signals that a program under us has to get, and the news of its end.
class PassedSignals {
 public:
  PassedSignals() {
    ::sigemptyset(&set_);
    for (const int number : kPassedOn) {
      struct sigaction action {};
      ::sigaction(number, nullptr, &action);
      // What whoever started us wants to be ignored, is: of nohup, SIGHUP.
      if (action.sa_handler != SIG_IGN) ::sigaddset(&set_, number);
    }
    ::sigaddset(&set_, SIGCHLD);
    ::pthread_sigmask(SIG_BLOCK, &set_, &before_);
    descriptor_ = checked(::signalfd(-1, &set_, SFD_CLOEXEC | SFD_NONBLOCK));
  }
  ~PassedSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  PassedSignals(const PassedSignals&) = delete;
  PassedSignals& operator=(const PassedSignals&) = delete;

  const sigset_t& before() const { return before_; }
  int fd() const { return descriptor_.get(); }

  void pass_on(pid_t child) const {
    struct signalfd_siginfo signal {};
    while (::read(descriptor_.get(), &signal, sizeof(signal)) == sizeof(signal)) {
      // A key of the terminal reaches the whole process group by itself.
      const bool is_key = signal.ssi_code == SI_KERNEL;
      if (signal.ssi_signo != SIGCHLD && !is_key) ::kill(child, static_cast<int>(signal.ssi_signo));
    }
  }

 private:
  sigset_t set_{}, before_{};
  core::FileDescriptor descriptor_;
};

pid_t spawn(Program& program, const sigset_t& mask, int output, int errors) {
  ::posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
  ::posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  ::posix_spawnattr_setsigmask(&attributes, &mask);
  sigset_t defaults;
  ::sigemptyset(&defaults);
  if (!program.inherited.ignores_sigpipe) ::sigaddset(&defaults, SIGPIPE);
  if (!program.inherited.ignores_sigxfsz) ::sigaddset(&defaults, SIGXFSZ);
  ::posix_spawnattr_setsigdefault(&attributes, &defaults);

  std::vector<char*> words;
  for (std::string& word : program.words) words.push_back(word.data());
  words.push_back(nullptr);
  ::umask(program.inherited.umask);
  ::signal(SIGCHLD, SIG_DFL);  // Of a child whose parent ignores it, nobody learns the end.
  pid_t child = -1;
  const int error = ::posix_spawnp(&child, words[0], &actions, &attributes, words.data(),
                                   program.environment.pointers().data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw ProgramFailed(program.words[0], error);
  return child;
}

/// Nothing: it still runs.
std::optional<int> exit_code_of(pid_t child) {
  int status = 0;
  if (::waitpid(child, &status, WNOHANG) != child) return std::nullopt;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

int run_masked(Program& program, const MaskedValues& values, Interrupts& interrupts) {
  interrupts.release();
  Relay output(values, STDOUT_FILENO), errors(values, STDERR_FILENO);
  PassedSignals signals;
  const pid_t child = spawn(program, signals.before(), output.given(), errors.given());
  output.begin();
  errors.begin();
  while (true) {
    std::array<struct pollfd, 3> ready = {
        {{signals.fd(), POLLIN, 0}, output.waiting(), errors.waiting()}};
    if (::poll(ready.data(), ready.size(), -1) < 0) continue;
    if (ready[1].revents != 0) output.go_on();
    if (ready[2].revents != 0) errors.go_on();
    if (ready[0].revents == 0) continue;
    signals.pass_on(child);
    if (const auto code = exit_code_of(child)) {
      output.drain();
      errors.drain();
      return *code;
    }
  }
}

}  // namespace kist::cli
