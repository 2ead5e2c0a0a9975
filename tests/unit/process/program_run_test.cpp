// SPDX-License-Identifier: Apache-2.0
#include "process/program_run.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include <memory>

#include <doctest/doctest.h>

#include <kist/error.hpp>

#include "script.hpp"

using namespace kist::core;
using kist::core::testing::runs;
using kist::core::testing::Script;

namespace {

/// Runs the script to its end, and says how that was.
int status_of(const Script& script, const std::vector<std::string>& environment = {}) {
  ProgramRun program({.arguments = {script.path().native()}, .environment = environment});
  return program.status();
}

/// Until `program` has ended, or has closed what it writes to.
void wait_for(int descriptor) {
  pollfd waited{descriptor, POLLIN, 0};
  REQUIRE(::poll(&waited, 1, 60'000) == 1);
}

}  // namespace

TEST_SUITE("process/program_run") {
  TEST_CASE("the status is that of the program") {
    CHECK(WEXITSTATUS(status_of(Script("exit 7"))) == 7);
    CHECK(WTERMSIG(status_of(Script("kill -TERM $$"))) == SIGTERM);
  }

  TEST_CASE("a program that cannot be run is a failed precondition") {
    try {
      ProgramRun({.arguments = {"/nonexistent/program"}});
      FAIL("it ran");
    } catch (const kist::Error& error) {
      CHECK(error.code == kist::ErrorCode::failed_precondition);
      CHECK(error.message() == "cannot be run: No such file or directory");
    }
  }

  TEST_CASE("variables of the settings replace those of the process, and the others are there") {
    const Script script("echo \"$KIST_UNIT_TEST $HOME\" > $HERE/said");
    ::setenv("KIST_UNIT_TEST", "of the process", 1);
    status_of(script, {"KIST_UNIT_TEST=of the settings"});
    ::unsetenv("KIST_UNIT_TEST");
    const char* const home = std::getenv("HOME");
    CHECK(script.read("said") == "of the settings " + std::string(home == nullptr ? "" : home));
  }

  TEST_CASE("it has no input, and no open file of this process but its two outputs") {
    const Script script("cat > $HERE/input; ls /proc/$$/fd > $HERE/fds");
    const FileDescriptor open(::open("/dev/null", O_RDONLY));  // Without O_CLOEXEC.
    CHECK(::fcntl(open.get(), F_GETFD) == 0);
    CHECK(status_of(script) == 0);
    CHECK(script.read("input").empty());
    // The shell reads its script through one of its own, 10 or 255.
    CHECK(script.read("fds").starts_with("0\n1\n"));
    CHECK(("\n" + script.read("fds") + "\n").find("\n" + std::to_string(open.get()) + "\n") ==
          std::string::npos);
  }

  TEST_CASE("signals that this process holds back or ignores reach the program") {
    sigset_t held, before;
    ::sigemptyset(&held);
    ::sigaddset(&held, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &held, &before);
    const int status = status_of(Script("kill -TERM $$; exit 0"));
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    CHECK(WIFSIGNALED(status));
  }

  TEST_CASE("no process of the program's group outlives the object") {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const FileDescriptor output(ends[0]);
    FileDescriptor input(ends[1]);
    auto program = std::make_unique<ProgramRun>(ProgramSettings{
        .arguments = {"/bin/sh", "-c", "sleep 600 >/dev/null & echo $! $$; exec >&-; wait"},
        .output = input.get()});
    input = {};
    std::string said;
    for (char buffer[64]; said.find('\n') == std::string::npos;) {
      wait_for(output.get());
      const ssize_t count = ::read(output.get(), buffer, sizeof(buffer));
      REQUIRE(count > 0);
      said.append(buffer, static_cast<std::size_t>(count));
    }
    const std::string child = said.substr(0, said.find(' '));
    const std::string self = said.substr(child.size() + 1, said.find('\n') - child.size() - 1);
    CHECK(runs(child));
    CHECK(runs(self));
    program.reset();
    CHECK(!runs(self));
    // A signal takes effect when the process is next to run.
    for (int i = 0; i < 10'000 && runs(child); ++i) ::poll(nullptr, 0, 1);
    CHECK(!runs(child));
  }

  TEST_CASE("the descriptor of its end can be read from when it has ended") {
    const Script script("exit 3");
    ProgramRun program({.arguments = {script.path().native()}});
    wait_for(program.ended());
    CHECK(WEXITSTATUS(program.status()) == 3);
  }
}
