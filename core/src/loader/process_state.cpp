// SPDX-License-Identifier: Apache-2.0
#include "loader/process_state.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <clocale>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace kist::core {
namespace {

/// Reading the umask means setting it; no other thread makes files while plugins are loaded.
mode_t current_umask() {
  const mode_t mask = ::umask(0077);
  ::umask(mask);
  return mask;
}

std::map<std::string, std::string> current_environment() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

bool same_mask(const sigset_t& a, const sigset_t& b) {
  for (int signal = 1; signal < NSIG; ++signal) {
    if (sigismember(&a, signal) != sigismember(&b, signal)) return false;
  }
  return true;
}

/// Set by the C library, and shown by the kernel, once sigaction() has run (SA_RESTORER of the
/// kernel's headers).
constexpr int kSetByLibrary = 0x04000000;

bool same_handler(const struct sigaction& a, const struct sigaction& b) {
  return ((a.sa_flags ^ b.sa_flags) & ~kSetByLibrary) == 0 && same_mask(a.sa_mask, b.sa_mask) &&
         (a.sa_flags & SA_SIGINFO ? a.sa_sigaction == b.sa_sigaction
                                  : a.sa_handler == b.sa_handler);
}

/// Never one of 0 to 2, which may be free and are watched.
FileDescriptor copy_of(int descriptor) {
  return FileDescriptor(::fcntl(descriptor, F_DUPFD_CLOEXEC, 3));
}

bool same_file(int a, dev_t device, ino_t inode) {
  struct stat status {};
  return ::fstat(a, &status) == 0 && status.st_dev == device && status.st_ino == inode;
}

}  // namespace

ProcessState ProcessState::capture() {
  ProcessState state;
  for (int signal = 1; signal < kSignalCount; ++signal) {
    ::sigaction(signal, nullptr, &state.handlers_[static_cast<std::size_t>(signal)]);
  }
  ::pthread_sigmask(SIG_SETMASK, nullptr, &state.mask_);
  state.umask_ = current_umask();
  {
    const FileDescriptor directory(::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC));
    state.working_directory_ = copy_of(directory.get());
  }
  state.locale_ = std::setlocale(LC_ALL, nullptr);
  state.environment_ = current_environment();
  for (int descriptor = 0; descriptor < 3; ++descriptor) {
    StandardDescriptor& standard = state.standard_[static_cast<std::size_t>(descriptor)];
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) continue;
    standard = {copy_of(descriptor), status.st_dev, status.st_ino};
  }
  return state;
}

std::vector<std::string> ProcessState::restore() const {
  std::vector<std::string> changed;
  restore_signals(changed);
  if (current_umask() != umask_) {
    ::umask(umask_);
    changed.emplace_back("the umask");
  }
  restore_files(changed);
  if (locale_ != std::setlocale(LC_ALL, nullptr)) {
    std::setlocale(LC_ALL, locale_.c_str());
    changed.emplace_back("the locale");
  }
  restore_environment(changed);
  return changed;
}

void ProcessState::restore_signals(std::vector<std::string>& changed) const {
  for (int signal = 1; signal < kSignalCount; ++signal) {
    const struct sigaction& before = handlers_[static_cast<std::size_t>(signal)];
    struct sigaction now {};
    if (::sigaction(signal, nullptr, &now) != 0 || same_handler(before, now)) continue;
    ::sigaction(signal, &before, nullptr);
    changed.push_back("the handler of signal " + std::to_string(signal));
  }
  sigset_t mask{};
  ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  if (!same_mask(mask, mask_)) {
    ::pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
    changed.emplace_back("the signal mask");
  }
}

void ProcessState::restore_files(std::vector<std::string>& changed) const {
  struct stat before {};
  struct stat now {};
  if (working_directory_.get() >= 0 && ::fstat(working_directory_.get(), &before) == 0 &&
      (::stat(".", &now) != 0 || now.st_dev != before.st_dev || now.st_ino != before.st_ino)) {
    changed.emplace_back(::fchdir(working_directory_.get()) == 0
                             ? "the working directory"
                             : "the working directory, for good");
  }
  for (int descriptor = 0; descriptor < 3; ++descriptor) {
    const StandardDescriptor& standard = standard_[static_cast<std::size_t>(descriptor)];
    const bool was_open = standard.copy.get() >= 0;
    const bool same = was_open ? same_file(descriptor, standard.device, standard.inode)
                               : ::fcntl(descriptor, F_GETFD) < 0;
    if (same) continue;
    if (was_open)
      ::dup2(standard.copy.get(), descriptor);
    else
      ::close(descriptor);
    changed.push_back("descriptor " + std::to_string(descriptor));
  }
}

void ProcessState::restore_environment(std::vector<std::string>& changed) const {
  const auto now = current_environment();
  if (now == environment_) return;
  for (const auto& [name, text] : now) {
    if (!environment_.contains(name)) ::unsetenv(name.c_str());
  }
  for (const auto& [name, text] : environment_) ::setenv(name.c_str(), text.c_str(), 1);
  changed.emplace_back("the environment");
}

}  // namespace kist::core
