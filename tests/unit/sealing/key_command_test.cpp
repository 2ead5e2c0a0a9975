// SPDX-License-Identifier: Apache-2.0
#include "sealing/key_command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include <kist/error.hpp>

#include "../config/temporary_directory.hpp"
#include "loader/file_descriptor.hpp"

using namespace kist;
using namespace kist::core;
using namespace kist::core::testing;

namespace {

constexpr std::chrono::milliseconds kLong{60'000};

std::string output_of(const std::vector<std::string>& arguments, std::size_t bytes_max = 1000,
                      std::chrono::milliseconds deadline = kLong) {
  return std::string(run_key_command(arguments, bytes_max, deadline).reveal());
}

/// "failed_precondition: ended with 3".
std::string failure_of(const std::vector<std::string>& arguments, std::size_t bytes_max = 1000,
                       std::chrono::milliseconds deadline = kLong) {
  try {
    return "gave " + output_of(arguments, bytes_max, deadline);
  } catch (const Error& error) {
    return std::string(to_string(error.code)) + ": " + std::string(error.message());
  }
}

std::vector<std::string> shell(const std::string& script) { return {"/bin/sh", "-c", script}; }

}  // namespace

TEST_SUITE("core/sealing/key_command") {
  TEST_CASE("what a program writes is what it gives") {
    const TemporaryDirectory directory;
    CHECK(output_of({"/bin/cat", directory.write("f", "text\n")}) == "text\n");
    CHECK(output_of(shell("printf 'a\\000b'")) == std::string("a\0b", 3));
    CHECK(output_of({"/bin/true"}).empty());
  }

  TEST_CASE("arguments reach it as they are: there is no shell") {
    CHECK(output_of({"/bin/echo", "$HOME; `id`", "a  b", ""}) == "$HOME; `id` a  b \n");
  }

  TEST_CASE("it has nothing to read, and waits for nobody's answer") {
    CHECK(output_of({"/bin/cat"}).empty());
  }

  TEST_CASE("it gets no open file of ours") {
    // Without O_CLOEXEC, as a library would.
    const FileDescriptor ours(::open("/dev/null", O_RDONLY));
    REQUIRE(ours.get() > 2);
    const std::string number = std::to_string(ours.get());
    CHECK(output_of(shell("test -e /dev/fd/" + number + " && echo open; echo end")) == "end\n");
  }

  TEST_CASE("it starts with no signal ignored or blocked") {
    struct sigaction ignored {
    }, before{};
    ignored.sa_handler = SIG_IGN;
    REQUIRE(::sigaction(SIGUSR1, &ignored, &before) == 0);
    sigset_t blocked, mask;
    ::sigemptyset(&blocked);
    ::sigaddset(&blocked, SIGUSR2);
    ::pthread_sigmask(SIG_BLOCK, &blocked, &mask);
    CHECK(failure_of(shell("kill -USR1 $$")) == "failed_precondition: was ended by signal 10");
    CHECK(failure_of(shell("kill -USR2 $$")) == "failed_precondition: was ended by signal 12");
    ::pthread_sigmask(SIG_SETMASK, &mask, nullptr);
    ::sigaction(SIGUSR1, &before, nullptr);
  }

  TEST_CASE("one that fails gives nothing, whatever it has written") {
    CHECK(failure_of(shell("echo canary; exit 3")) == "failed_precondition: ended with 3");
    CHECK(failure_of({"/nonexistent/program"}) ==
          "failed_precondition: cannot be run: No such file or directory");
    const TemporaryDirectory directory;
    CHECK(failure_of({directory.write("no_program", "#!/bin/sh\n")}) ==
          "failed_precondition: cannot be run: Permission denied");
    CHECK(failure_of({"/"}) == "failed_precondition: cannot be run: Permission denied");
  }

  TEST_CASE("it may write as much as allowed, and is ended if it writes more") {
    CHECK(output_of(shell("head -c 1000 /dev/zero")).size() == 1000);
    CHECK(failure_of(shell("head -c 1001 /dev/zero")) ==
          "failed_precondition: wrote more than 1000 bytes");
    CHECK(failure_of(shell("head -c 1048576 /dev/zero"), 65536) ==
          "failed_precondition: wrote more than 65536 bytes");
    CHECK(failure_of({"/usr/bin/yes"}) == "failed_precondition: wrote more than 1000 bytes");
  }

  TEST_CASE("when its time is up it ends, with all that it has started") {
    const std::chrono::milliseconds soon{50};
    const std::string late = "unavailable: has not ended within 50 ms";
    CHECK(failure_of({"/bin/sleep", "1000"}, 1000, soon) == late);
    CHECK(failure_of(shell("echo early; exec >&-; exec sleep 1000"), 1000, soon) == late);

    // A pipe is at its end once the last of those who may write to it is gone.
    const TemporaryDirectory directory;
    const std::string fifo = directory.path() / "pipe";
    REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    const FileDescriptor reader(::open(fifo.c_str(), O_RDONLY | O_NONBLOCK));
    CHECK(failure_of(shell("trap '' TERM HUP; (exec 3>" + fifo + "; sleep 1000) & sleep 1000"),
                     1000,
                     std::chrono::milliseconds(300)) == "unavailable: has not ended within 300 ms");
    char byte;
    pollfd gone{reader.get(), POLLIN, 0};
    if (::read(reader.get(), &byte, 1) != 0) ::poll(&gone, 1, 10'000);
    CHECK(::read(reader.get(), &byte, 1) == 0);
  }

  TEST_CASE("no process is left behind as a zombie") {
    output_of({"/bin/true"});
    failure_of(shell("exit 1"));
    failure_of({"/bin/sleep", "1000"}, 1000, std::chrono::milliseconds(10));
    failure_of({"/nonexistent/program"});
    CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
    CHECK(errno == ECHILD);
  }
}
