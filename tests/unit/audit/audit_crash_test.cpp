// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include <doctest/doctest.h>

#include "audit_fixture.hpp"
#include "loader/file_descriptor.hpp"

using namespace kist::core;
using namespace kist::core::testing;

namespace {

/// Starts the program, reads `bytes` of what it prints, kills it in its middle, and gives all that
/// it has printed.
std::string kill_after(const std::filesystem::path& file, std::size_t bytes) {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const FileDescriptor reader(ends[0]);
  FileDescriptor writer(ends[1]);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, writer.get(), STDOUT_FILENO);
  std::string program = KIST_TEST_AUDIT_CRASHER, argument = file.native();
  char* const arguments[] = {program.data(), argument.data(), nullptr};
  ::pid_t child = 0;
  REQUIRE(::posix_spawn(&child, program.c_str(), &actions, nullptr, arguments, environ) == 0);
  ::posix_spawn_file_actions_destroy(&actions);
  writer = FileDescriptor();
  std::string printed;
  bool killed = false;
  char part[512];
  while (true) {
    const ::ssize_t count = ::read(reader.get(), part, sizeof part);
    if (count <= 0) break;
    printed.append(part, static_cast<std::size_t>(count));
    if (printed.size() >= bytes && !killed) {
      ::kill(child, SIGKILL);
      killed = true;
    }
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(WIFSIGNALED(status));
  return printed.substr(0, printed.rfind('\n') + 1);
}

/// The text of all files of the log.
std::string whole_text(const std::filesystem::path& file) {
  std::string text;
  for (const AuditPart& part : audit_files(file)) text += text_of(part.path);
  return text;
}

}  // namespace

TEST_SUITE("core/audit/crash") {
  TEST_CASE("a host that is killed has lost no record that it was told is durable (AT-41)") {
    LogPlace place;
    std::size_t acknowledged = 0;
    for (const std::size_t bytes : {std::size_t{1}, std::size_t{700}, std::size_t{3000}}) {
      CAPTURE(bytes);
      const std::string printed = kill_after(place.settings.file, bytes);
      CHECK(place.fault() == "");
      const std::string text = whole_text(place.settings.file);
      for (std::size_t begin = 0; begin < printed.size();) {
        const std::size_t end = printed.find('\n', begin);
        const std::string name = "\"<" + printed.substr(begin, end - begin) + ">\"";
        if (!contains(text, name)) FAIL_CHECK("lost: " << name);
        begin = end + 1;
        ++acknowledged;
      }
    }
    CHECK(place.verify().records >= acknowledged);
    place.write_records(1);
    CHECK(place.fault() == "");
  }
}
