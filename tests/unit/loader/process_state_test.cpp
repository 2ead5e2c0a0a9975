// SPDX-License-Identifier: Apache-2.0
#include "loader/process_state.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clocale>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "sanitizers.hpp"

namespace {

using kist::core::ProcessState;

void ignore(int) {}
void ignore_with_details(int, siginfo_t*, void*) {}

struct sigaction handler_of(int signal) {
  struct sigaction action {};
  ::sigaction(signal, nullptr, &action);
  return action;
}

ino_t inode_of(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 ? status.st_ino : 0;
}

struct Change {
  std::string name;
  std::function<void()> make;
  std::function<bool()> is_undone;
};

}  // namespace

TEST_SUITE("core/loader/process_state") {
  TEST_CASE("a process that nobody changed is as it was") {
    CHECK(ProcessState::capture().restore().empty());
  }

  TEST_CASE("each change of what belongs to the process is found by name and undone (KP-14)" *
            doctest::skip(kist::test::kUnderTsan)) {
    ::setenv("KIST_TEST_VARIABLE", "before", 1);
    const std::filesystem::path directory = std::filesystem::current_path();
    const ino_t output = inode_of(1);
    const Change changes[] = {
        {"the handler of signal 12", [] { ::signal(SIGUSR2, ignore); },
         [] { return handler_of(SIGUSR2).sa_handler == SIG_DFL; }},
        {"the handler of signal 12", [] { ::signal(SIGUSR2, SIG_IGN); },
         [] { return handler_of(SIGUSR2).sa_handler == SIG_DFL; }},
        {"the handler of signal 12",
         [] {
           struct sigaction action {};
           action.sa_flags = SA_SIGINFO;
           action.sa_sigaction = ignore_with_details;
           ::sigaction(SIGUSR2, &action, nullptr);
         },
         [] { return handler_of(SIGUSR2).sa_handler == SIG_DFL; }},
        {"the handler of signal 12",
         [] {
           struct sigaction action {};
           ::sigaddset(&action.sa_mask, SIGTERM);
           ::sigaction(SIGUSR2, &action, nullptr);
         },
         [] {
           const struct sigaction now = handler_of(SIGUSR2);
           return ::sigismember(&now.sa_mask, SIGTERM) == 0;
         }},
        {"the signal mask",
         [] {
           sigset_t mask;
           ::sigemptyset(&mask);
           ::sigaddset(&mask, SIGUSR2);
           ::pthread_sigmask(SIG_BLOCK, &mask, nullptr);
         },
         [] {
           sigset_t mask;
           ::pthread_sigmask(SIG_BLOCK, nullptr, &mask);
           return ::sigismember(&mask, SIGUSR2) == 0;
         }},
        {"the umask", [] { ::umask(0123); },
         [] {
           const mode_t mask = ::umask(022);
           ::umask(mask);
           return mask != 0123;
         }},
        {"the working directory", [] { std::filesystem::current_path("/"); },
         [&] { return std::filesystem::current_path() == directory; }},
        {"the locale", [] { std::setlocale(LC_TIME, "C.UTF-8"); },
         [] { return std::string(std::setlocale(LC_TIME, nullptr)) == "C"; }},
        {"the environment", [] { ::setenv("KIST_TEST_NEW_VARIABLE", "x", 1); },
         [] { return std::getenv("KIST_TEST_NEW_VARIABLE") == nullptr; }},
        {"the environment", [] { ::setenv("KIST_TEST_VARIABLE", "after", 1); },
         [] { return std::string(std::getenv("KIST_TEST_VARIABLE")) == "before"; }},
        {"the environment", [] { ::unsetenv("KIST_TEST_VARIABLE"); },
         [] { return std::string(std::getenv("KIST_TEST_VARIABLE")) == "before"; }},
        {"descriptor 1", [] { ::close(1); }, [&] { return inode_of(1) == output; }},
        {"descriptor 1",
         [] {
           const int null = ::open("/dev/full", O_WRONLY);
           ::dup2(null, 1);
           ::close(null);
         },
         [&] { return inode_of(1) == output; }},
    };
    for (const Change& change : changes) {
      CAPTURE(change.name);
      const ProcessState before = ProcessState::capture();
      change.make();
      const std::vector<std::string> found = before.restore();
      CHECK(found == std::vector<std::string>{change.name});
      CHECK(change.is_undone());
      CHECK(before.restore().empty());
    }
    ::unsetenv("KIST_TEST_VARIABLE");
  }

  TEST_CASE("all changes are found at once" * doctest::skip(kist::test::kUnderTsan)) {
    const ProcessState before = ProcessState::capture();
    ::signal(SIGUSR1, ignore);
    ::umask(0123);
    ::setenv("KIST_TEST_NEW_VARIABLE", "x", 1);
    CHECK(before.restore() ==
          std::vector<std::string>{"the handler of signal 10", "the umask", "the environment"});
    CHECK(before.restore().empty());
  }

  TEST_CASE("a standard descriptor that was closed is closed again, and no look at it leaks one") {
    const int saved = ::fcntl(0, F_DUPFD_CLOEXEC, 3);
    ::close(0);
    {
      const ProcessState before = ProcessState::capture();
      REQUIRE(::open("/dev/null", O_RDONLY) == 0);
      CHECK(before.restore() == std::vector<std::string>{"descriptor 0"});
      CHECK(::fcntl(0, F_GETFD) < 0);
      // It holds copies of 1 and 2 and the working directory, none of them as 0 to 2.
      CHECK(before.restore().empty());
    }
    if (saved >= 0) {
      ::dup2(saved, 0);
      ::close(saved);
    }
    const int next = ::open("/dev/null", O_RDONLY);
    { const ProcessState state = ProcessState::capture(); }
    const int after = ::open("/dev/null", O_RDONLY);
    CHECK(after == next + 1);
    ::close(after);
    ::close(next);
  }
}
