// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>

#include <doctest/doctest.h>

#include "kist_process.hpp"
#include "loader/file_descriptor.hpp"

using namespace kist::testing;

TEST_SUITE("system/streams") {
  TEST_CASE("output that cannot be written is a failure") {
    const Workplace workplace(R"("type": "memory")");
    for (const Words& words : {Words{"secret", "list"}, Words{"--help"}, Words{"--version"},
                               Words{"secret", "list", "--output", "json"}}) {
      const Ended ended = workplace.run({.words = words, .output_file = "/dev/full"});
      CHECK(ended.exit_code == 7);
      CHECK(ended.err.find("cannot write to standard output: No space left on device") !=
            std::string::npos);
    }
  }

  TEST_CASE("output that cannot be written is no reason to repeat a change: it is done") {
    const Workplace workplace;
    const std::string failure =
        "kist: unavailable: cannot write to standard output: No space left on device";
    const auto without_output = [&](const Words& words) {
      const Ended ended = workplace.run({.words = words, .output_file = "/dev/full"});
      CHECK(ended.exit_code == 7);
      return ended.err;
    };
    for (const std::string format : {"--output=table", "--output=json"}) {
      const auto is_done = [&](const Words& words) {
        return without_output(words).find("; what the command did is done") != std::string::npos;
      };
      CHECK(is_done({"secret", "create", "s", format}));
      CHECK(is_done({"secret", "update", "s", "--rename", "t", format}));
      CHECK(!is_done({"secret", "get", "t", format}));
      CHECK(is_done({"secret", "delete", "t", "--yes", format}));
      CHECK(workplace.kist({"secret", "get", "t"}).exit_code == 4);
    }
    CHECK(without_output({"secret", "create", "s"}) ==
          failure + "; what the command did is done\n");
    CHECK(without_output({"secret", "get", "s"}) == failure + "\n");
  }

  TEST_CASE("when nobody reads the output, the command fails and says nothing") {
    using kist::core::FileDescriptor;
    const Workplace workplace(R"("type": "memory")");
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    ::close(ends[0]);
    const FileDescriptor out(ends[1]);
    const auto errors = workplace.write("errors", "");
    const FileDescriptor err(::open(errors.c_str(), O_WRONLY | O_CLOEXEC));
    const FileDescriptor in(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const pid_t child =
        start_kist({.words = {"secret", "list"}}, workplace.path(), in.get(), out.get(), err.get());
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 7);
    CHECK(read_file(errors).empty());
  }

#if !defined(KIST_TEST_SANITIZED)  // ThreadSanitizer makes files when it starts.
  TEST_CASE("a limit on the size of files is an error with a sentence, and no signal") {
    const Workplace workplace;
    struct rlimit before {};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    const struct rlimit nothing { 0, before.rlim_max };
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &nothing) == 0);
    const Ended made = workplace.kist({"keys", "init", "--file", "ring"});
    const Ended listed = workplace.kist({"secret", "list"});
    ::setrlimit(RLIMIT_FSIZE, &before);
    CHECK(made.exit_code == 7);
    CHECK(made.err == "kist: unavailable: cannot write keyring file '" +
                          (workplace.path() / "ring").native() + "': File too large\n");
    CHECK(listed.exit_code == 6);
    CHECK(listed.err.find("cannot copy it to memory: File too large") != std::string::npos);
  }
#endif

  TEST_CASE("descriptors that are closed at the start do no harm") {
    const Workplace workplace;
    workplace.done({"secret", "create", "s", "k=-"}, "v");
    for (const int number : {0, 1, 2}) {
      CAPTURE(number);
      const Ended ended =
          workplace.run({.words = {"secret", "get", "s", "--key", "k"}, .closed = {number}});
      CHECK(ended.exit_code == 0);
      CHECK(ended.out == (number == 1 ? "" : "v"));
    }
    const Ended none = workplace.run({.words = {"secret", "create", "t"}, .closed = {0, 1, 2}});
    CHECK(none.exit_code == 0);
    // Nothing that was written went into the store's file.
    CHECK(workplace.done({"secret", "get", "s", "--key", "k"}) == "v");
  }
}
