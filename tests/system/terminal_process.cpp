// SPDX-License-Identifier: Apache-2.0
#include "terminal_process.hpp"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include <doctest/doctest.h>

namespace kist::testing {
namespace {

constexpr int kWaitMs = 60'000;

}  // namespace

TerminalProcess::TerminalProcess(const Workplace& workplace, const Words& words) {
  int terminal = -1, side = -1;
  REQUIRE(::openpty(&terminal, &side, nullptr, nullptr, nullptr) == 0);
  terminal_ = core::FileDescriptor(terminal);
  side_ = core::FileDescriptor(side);  // Stays open, so that its settings can be read at the end.
  Words all = words;
  all.insert(all.begin(), KIST_PROGRAM);
  std::vector<char*> argv;
  for (std::string& word : all) argv.push_back(word.data());
  argv.push_back(nullptr);
  char* none = nullptr;
  child_ = ::fork();
  REQUIRE(child_ >= 0);
  if (child_ == 0) {  // Only what is safe after fork().
    ::setsid();
    ::ioctl(side, TIOCSCTTY, 0);
    for (int number = 0; number < 3; ++number) ::dup2(side, number);
    if (::chdir(workplace.path().c_str()) == 0) ::execve(KIST_PROGRAM, argv.data(), &none);
    ::_exit(127);
  }
}

TerminalProcess::~TerminalProcess() {
  if (child_ < 0) return;
  ::kill(child_, SIGKILL);
  ::waitpid(child_, nullptr, 0);
}

bool TerminalProcess::read_more() {
  struct pollfd ready {
    terminal_.get(), POLLIN, 0
  };
  if (::poll(&ready, 1, kWaitMs) != 1) return false;
  std::array<char, 4096> bytes{};
  const ssize_t count = ::read(terminal_.get(), bytes.data(), bytes.size());
  if (count <= 0) return false;
  screen_.append(bytes.data(), static_cast<std::size_t>(count));
  return true;
}

void TerminalProcess::wait_for(std::string_view text) {
  while (screen_.find(text) == std::string::npos) {
    INFO("the screen shows: " << screen_);
    REQUIRE(read_more());
  }
}

void TerminalProcess::type(std::string_view keys) const {
  REQUIRE(::write(terminal_.get(), keys.data(), keys.size()) == static_cast<ssize_t>(keys.size()));
}

int TerminalProcess::wait_for_end() {
  int status = 0;
  REQUIRE(::waitpid(child_, &status, 0) == child_);
  child_ = -1;
  struct pollfd ready {
    terminal_.get(), POLLIN, 0
  };
  while (::poll(&ready, 1, 0) == 1 && read_more()) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

bool TerminalProcess::shows_input() const {
  struct termios settings {};
  REQUIRE(::tcgetattr(side_.get(), &settings) == 0);
  return (settings.c_lflag & ECHO) != 0 && (settings.c_lflag & ICANON) != 0;
}

}  // namespace kist::testing
