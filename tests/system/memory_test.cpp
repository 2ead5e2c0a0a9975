// SPDX-License-Identifier: Apache-2.0
// AT-34 and AT-39: what is in the memory of a process in the middle of its work, and behind it.
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "canary_sweep.hpp"
#include "text/hex.hpp"

using namespace kist::testing;
using kist::core::FileDescriptor;
namespace fs = std::filesystem;

namespace {

/// Reads until `end` has come.
std::string read_until(const FileDescriptor& from, std::string_view end) {
  std::string text;
  while (text.find(end) == std::string::npos) {
    char byte = 0;
    INFO("so far: " << text);
    REQUIRE(::read(from.get(), &byte, 1) == 1);
    text += byte;
  }
  return text;
}

/// Both ends of a terminal.
struct Terminal {
  Terminal() {
    int master = -1, side = -1;
    REQUIRE(::openpty(&master, &side, nullptr, nullptr, nullptr) == 0);
    ours = FileDescriptor(master);
    theirs = FileDescriptor(side);
  }
  void type(const std::string& keys) const {
    REQUIRE(::write(ours.get(), keys.data(), keys.size()) == static_cast<ssize_t>(keys.size()));
  }
  FileDescriptor ours, theirs;
};

/// A store in which `kist` can be stopped, with a token and a KEK that come from variables.
struct GateSweep : Sweep {
  /// `token` in kist.json: a reference to the variable, or the token itself.
  explicit GateSweep(bool is_variable = true) {
    REQUIRE(::mkfifo(gate().c_str(), 0600) == 0);
    configure(R"("secrets_store": {"type": "custom", "class_path": "gate.so", "gate": ")" +
              gate().native() + R"(", "token": ")" + (is_variable ? "${env:TOKEN}" : token) +
              R"("}, "sealing": {"keys":)" + R"([{"id": "k1", "file": ")" + given("key").native() +
              "\"}]}");
    give("key", kist::core::to_hex(kek));
    if (is_variable) environment["TOKEN"] = token;
  }
  fs::path gate() const { return given("gate"); }
  ObservedProcess start(const Words& words, int in, int out, int err) const {
    return {line(words), variables({}), work(), in, out, err};
  }
  /// Waits until the store waits; it goes on when what this gives is closed.
  FileDescriptor wait_for_gate() const {
    FileDescriptor held(::open(gate().c_str(), O_WRONLY | O_CLOEXEC));
    REQUIRE(held);
    return held;
  }
  const std::string token = canary("token"), kek = canary("KEK", 32), value = canary("value");
};

void check_memory(const Sweep& sweep, const ObservedProcess& process,
                  const Sweep::Expected& expected) {
  if (may_observe()) check_findings(search_process(sweep.search(), process.id()), expected);
}

/// Before the configuration is read, nobody knows yet which variables are secrets.
Sweep::Expected with_unread_token(Sweep::Expected expected) {
  for (const char* const place : {"environ", kDumpedMemory, kUndumpedMemory})
    expected.insert({"token", place});
  return expected;
}

FileDescriptor null_device() { return FileDescriptor(::open("/dev/null", O_RDWR | O_CLOEXEC)); }

/// In the middle of its call the process has secrets in memory that no core dump has; when it ends,
/// none.
void check_at_gate_and_end(const GateSweep& sweep, ObservedProcess& process) {
  FileDescriptor gate = sweep.wait_for_gate();
  check_memory(sweep, process,
               {{"value", kUndumpedMemory}, {"token", kUndumpedMemory}, {"KEK", kUndumpedMemory}});
  gate = FileDescriptor();
  if (process.wait_for_last_stop()) check_memory(sweep, process, {});
  CHECK(process.wait_for_end() == 0);
}

}  // namespace

TEST_SUITE("system/memory") {
  TEST_CASE("AT-34: in the middle of a call secrets are in memory that no core dump has") {
    const FileDescriptor null = null_device();
    for (const bool is_variable : {true, false}) {
      const GateSweep sweep(is_variable);
      ObservedProcess process = sweep.start({"secret", "create", "s", "k=" + sweep.value},
                                            null.get(), null.get(), null.get());
      check_at_gate_and_end(sweep, process);
    }
  }

  TEST_CASE("AT-34: a call that is interrupted or late leaves no secret either") {
    const GateSweep sweep;
    const FileDescriptor null = null_device();
    for (const bool interrupted : {true, false}) {
      // Held open from the beginning, the gate stays shut: the deadline may pass before it is
      // reached.
      FileDescriptor gate;
      if (!interrupted) gate = FileDescriptor(::open(sweep.gate().c_str(), O_RDWR | O_CLOEXEC));
      ObservedProcess process = sweep.start(
          {"--timeout", interrupted ? "60" : "1", "secret", "create", "s", "k=" + sweep.value},
          null.get(), null.get(), null.get());
      if (interrupted) {
        gate = sweep.wait_for_gate();
        process.send(SIGTERM);
      }
      if (process.wait_for_last_stop()) check_memory(sweep, process, {});
      CHECK(process.wait_for_end() == 7);
    }
  }

  TEST_CASE("AT-34: while a value is asked for, and once it was typed") {
    const GateSweep sweep;
    const Terminal terminal;
    const int side = terminal.theirs.get();
    ObservedProcess process = sweep.start({"secret", "create", "s", "k"}, side, side, side);
    read_until(terminal.ours, "Value of 'k': ");
    check_memory(sweep, process, with_unread_token({}));
    terminal.type(sweep.value + "\n");
    check_at_gate_and_end(sweep, process);
  }

  TEST_CASE("AT-34: while a value is read from standard input") {
    const GateSweep sweep;
    const FileDescriptor null = null_device();
    Pipe in;
    const int capacity = ::fcntl(in.write.get(), F_SETPIPE_SZ, 4096);
    ObservedProcess process =
        sweep.start({"secret", "create", "s", "k=-"}, in.read.get(), null.get(), null.get());
    in.read = FileDescriptor();
    std::string text;
    while (text.size() <= static_cast<std::size_t>(capacity) + kCanaryBytes) text += sweep.value;
    // What the pipe has no room for has been read from it when this returns.
    REQUIRE(::write(in.write.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    check_memory(sweep, process, with_unread_token({{"value", kUndumpedMemory}}));
    in.write = FileDescriptor();
    FileDescriptor gate = sweep.wait_for_gate();
    gate = FileDescriptor();
    if (process.wait_for_last_stop()) check_memory(sweep, process, {});
    CHECK(process.wait_for_end() == 0);
  }

  TEST_CASE("AT-34: while a value is written, and while a question is answered") {
    SqliteSweep sweep;
    std::string large;
    while (large.size() < 60'000) large += sweep.value;
    sweep.give("large", large);
    sweep.kist({"secret", "create", "s", "--from-file", "k=" + sweep.given("large").native()});
    const Finding kek{"KEK", kUndumpedMemory}, value{"value", kUndumpedMemory};
    const struct {
      Words words;
      Sweep::Expected expected;
    } cases[] = {{{"--key", "k"}, {kek, value}},
                 {{"--reveal", "--output", "json"}, {kek, value}},
                 {{"--reveal"}, {kek, value, {"value", kDumpedMemory}}}};
    const FileDescriptor null = null_device();
    for (const auto& shown : cases) {
      Pipe out;
      REQUIRE(::fcntl(out.write.get(), F_SETPIPE_SZ, 4096) > 0);
      Words words = {"secret", "get", "s"};
      words.insert(words.end(), shown.words.begin(), shown.words.end());
      ObservedProcess process(sweep.line(words), sweep.variables({}), sweep.work(), null.get(),
                              out.write.get(), null.get());
      out.write = FileDescriptor();
      char first = 0;
      REQUIRE(::read(out.read.get(), &first, 1) == 1);
      CAPTURE(words.back());
      check_memory(sweep, process, shown.expected);
      out.read = FileDescriptor();
      if (process.wait_for_last_stop()) check_memory(sweep, process, {});
      CHECK(process.wait_for_end() == 7);  // Nobody read all of it.
    }
    const Terminal terminal;
    const int side = terminal.theirs.get();
    ObservedProcess process(sweep.line({"secret", "delete", "s"}), sweep.variables({}),
                            sweep.work(), side, side, side);
    read_until(terminal.ours, "[y/N] ");
    check_memory(sweep, process, {kek});
    terminal.type("y\n");
    if (process.wait_for_last_stop()) check_memory(sweep, process, {});
    CHECK(process.wait_for_end() == 0);
  }

  TEST_CASE("AT-39: a process that crashes in the middle of a call leaves no core dump") {
    if (kIsSanitized) return;
    const GateSweep sweep;
    const FileDescriptor null = null_device();
    for (const int signal : {SIGSEGV, SIGABRT, SIGQUIT}) {
      const pid_t process = start_kist({.words = {"--config", sweep.given("kist.json").native(),
                                                  "secret", "create", "s", "k=" + sweep.value},
                                        .environment = sweep.variables({})},
                                       sweep.work(), null.get(), null.get(), null.get());
      const FileDescriptor gate = sweep.wait_for_gate();
      struct rlimit limit {};
      REQUIRE(::prlimit(process, RLIMIT_CORE, nullptr, &limit) == 0);
      CHECK(limit.rlim_cur == 0);
      CHECK(limit.rlim_max == 0);
      // Where core_pattern is a program, the limit does not count: that it is not dumpable does.
      const struct rlimit any = {RLIM_INFINITY, RLIM_INFINITY};
      if (::prlimit(process, RLIMIT_CORE, &any, nullptr) != 0)
        MESSAGE("only the limit is tested: this process may not raise that of another");
      REQUIRE(::kill(process, signal) == 0);
      int status = 0;
      REQUIRE(::waitpid(process, &status, 0) == process);
      CHECK(WIFSIGNALED(status));
      CHECK(WTERMSIG(status) == signal);
      CHECK(!WCOREDUMP(status));
    }
    check_findings(search_files(sweep.search(), sweep.work()), {});
  }

  TEST_CASE("AT-39: behind its calls a process that lives on has no value in its memory") {
    const Workplace place;
    const std::uint64_t seed = 39;
    CanarySearch search;
    const auto look_for = [&](const char* kind, std::uint64_t number, std::size_t size) {
      Canary canary{kind, std::string(size, '\0')};
      write_canary(number, canary.bytes.data(), size);
      search.add(canary);
    };
    look_for("KEK", seed, 32);
    for (std::uint64_t i = 1; i <= 200; ++i) look_for("value", seed + i, kCanaryBytes);

    Pipe in, out;
    ObservedProcess probe(
        {KIST_DRAIN_PROBE, (place.path() / "secrets.db").native(), std::to_string(seed)}, {},
        place.path(), in.read.get(), out.write.get(), STDERR_FILENO, false);
    in.read = FileDescriptor();
    out.write = FileDescriptor();
    const Finding kek{"KEK", kUndumpedMemory}, value{"value", kUndumpedMemory};
    for (const std::string phase : {"live\n", "drained\n"}) {
      read_until(out.read, phase);
      CAPTURE(phase);
      if (may_observe())
        check_findings(search_process(search, probe.id()),
                       phase == "live\n" ? Sweep::Expected{kek, value} : Sweep::Expected{kek});
      REQUIRE(::write(in.write.get(), "\n", 1) == 1);
    }
    CHECK(probe.wait_for_end() == 0);
    check_findings(search_files(search, place.path()), {});
  }

  TEST_CASE("what these tests find is on the page that says what may be found") {
    const std::string page = read_file(KIST_MEMORY_PAGE);
    for (const std::string row :
         {"| configured secrets and KEKs | arena |", "| values | arena |",
          "| variables with secrets | `/proc/PID/environ`, the stack |",
          "| values, with `--reveal` as a table | the heap, the stack |",
          "| a value that was written to standard output | the pipe, the terminal"}) {
      CAPTURE(row);
      CHECK(page.find(row) != std::string::npos);
    }
  }
}
