// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include "kist_process.hpp"
#include "terminal_process.hpp"

using namespace kist::testing;

namespace {

/// A store with secret 'db': user and pass-word.
struct Place : Workplace {
  Place() { write_env("db", "user=app\npass-word=hunter2\n"); }

  void write_env(const std::string& secret, const std::string& lines) const {
    done({"secret", "create", secret, "--from-env-file", write("values.env", lines)});
  }
};

const std::map<std::string, std::string> kPath = {{"PATH", "/usr/bin:/bin"}};

/// Runs in the background, with its output in a pipe.
struct Running {
  Running(const Workplace& place, const Words& words) {
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    id = start_kist({.words = words, .environment = kPath}, place.path(), null, out.write.get(),
                    out.write.get());
    ::close(null);
    out.write = kist::core::FileDescriptor();
  }
  ~Running() {
    if (id < 0) return;
    ::kill(id, SIGKILL);
    ::waitpid(id, nullptr, 0);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  void wait_for(std::string_view text) {
    while (seen.find(text) == std::string::npos) {
      std::array<char, 512> bytes{};
      const ssize_t count = ::read(out.read.get(), bytes.data(), bytes.size());
      INFO(seen);
      REQUIRE(count > 0);
      seen.append(bytes.data(), static_cast<std::size_t>(count));
    }
  }
  /// The exit code, or minus the signal.
  int end() {
    int status = 0;
    REQUIRE(::waitpid(id, &status, 0) == id);
    id = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  pid_t id = -1;
  Pipe out;
  std::string seen;
};

/// The signals of a line of /proc/PID/status, but for those that posix_spawn() of glibc ignores,
/// and SIGPIPE, which this process ignores and start_kist() does not.
unsigned long long signals_of(const std::string& status, const std::string& name) {
  const std::size_t line = status.find(name);
  REQUIRE(line != std::string::npos);
  unsigned long long set = 0;
  REQUIRE(std::sscanf(status.c_str() + line + name.size(), "%llx", &set) == 1);
  for (const int number : {SIGPIPE, 32, 33}) set &= ~(1ULL << (number - 1));
  return set;
}

std::set<int> inheritable_descriptors() {
  std::set<int> numbers;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    int number = -1;
    std::sscanf(entry.path().filename().c_str(), "%d", &number);
    const int flags = ::fcntl(number, F_GETFD);
    if (flags >= 0 && (flags & FD_CLOEXEC) == 0) numbers.insert(number);
  }
  return numbers;
}

Ended run(const Workplace& place, Words words, std::string_view input = {}) {
  words.insert(words.begin(), "run");
  return place.run({.words = words, .input = std::string(input), .environment = kPath});
}

}  // namespace

TEST_SUITE("system/run_command") {
  TEST_CASE("a command finds the values in its environment, under the names that were asked for") {
    const Place place;
    CHECK(run(place, {"--secret", "db", "--", "sh", "-c", "echo \"$USER-$PASS_WORD\""}).out ==
          "app-hunter2\n");
    CHECK(run(place, {"--secret", "db", "--prefix", "DB_", "--", "sh", "-c",
                      "echo \"$DB_USER-$DB_PASS_WORD\""})
              .out == "app-hunter2\n");
    CHECK(run(place, {"--map", "a=db.user", "--map=B=db.pass-word", "--", "sh", "-c",
                      "echo \"$a-$B-$USER\""})
              .out == "app-hunter2-\n");
  }

  TEST_CASE("names and keys may hold dots: the longest name that there is counts") {
    const Place place;
    place.write_env("a.b", "c=1\nd.e=2\n");
    CHECK(
        run(place, {"--map", "X=a.b.c", "--map", "Y=a.b.d.e", "--", "sh", "-c", "echo $X$Y"}).out ==
        "12\n");
    const Ended missing = run(place, {"--map", "X=a.c.d", "--", "true"});
    CHECK(missing.exit_code == 4);
    CHECK(missing.err ==
          "kist: not_found: there is no secret with the name or id 'a.c' in workspace 'default'\n");
  }

  TEST_CASE("the command is ours in all else: words, input, output and exit code") {
    const Place place;
    for (const Words& mask : {Words{}, Words{"--mask"}}) {
      Words words = {"--map", "P=db.pass-word"};
      words.insert(words.end(), mask.begin(), mask.end());
      const auto ended = [&](const Words& command, std::string_view input = {}) {
        Words all = words;
        all.push_back("--");
        all.insert(all.end(), command.begin(), command.end());
        return run(place, all, input);
      };
      CHECK(ended({"printf", "%s|", "a b", "--", "--help", "", "-x"}).out == "a b|--|--help||-x|");
      const Ended both = ended({"sh", "-c", "cat; echo err >&2; exit 42"}, "from input");
      CHECK(both.exit_code == 42);
      CHECK(both.out == "from input");
      CHECK(both.err == "err\n");
      CHECK(ended({"nothing-of-that-name"}).exit_code == 127);
      CHECK(ended({"nothing-of-that-name"}).err ==
            "kist: not_found: cannot run 'nothing-of-that-name': No such file or directory\n");
      CHECK(ended({"/"}).exit_code == 126);
      CHECK(ended({"/"}).err == "kist: failed_precondition: cannot run '/': Permission denied\n");
    }
  }

  TEST_CASE("a command that a signal ends is seen to, or is 128 and the signal behind --mask") {
    const Place place;
    CHECK(run(place, {"--secret", "db", "--", "sh", "-c", "kill -TERM $$"}).signal == SIGTERM);
    CHECK(run(place, {"--secret", "db", "--mask", "--", "sh", "-c", "kill -TERM $$"}).exit_code ==
          128 + SIGTERM);
  }

  TEST_CASE("the command has the process that kist had, as it was given") {
    const Place place;
    const Ended ended = place.run(
        {.words = {"run", "--secret", "db", "--", "sh", "-c",
                   "umask; echo $LD_LIBRARY_PATH; grep -E 'SigIgn|SigBlk' /proc/self/status; "
                   "ls /proc/self/fd"},
         .environment = {{"PATH", "/usr/bin:/bin"}, {"LD_LIBRARY_PATH", "/nowhere"}}});
    const mode_t mask = ::umask(0);
    ::umask(mask);
    char text[8];
    std::snprintf(text, sizeof(text), "%04o\n", mask);
    CAPTURE(ended.out);
    CHECK(ended.out.starts_with(std::string(text) + "/nowhere\n"));
    const std::string own = read_file("/proc/self/status");
    for (const std::string name : {"SigBlk:", "SigIgn:"})
      CHECK(signals_of(ended.out, name) == signals_of(own, name));
    std::set<int> given = inheritable_descriptors(), seen;
    int of_ls = 3;
    while (given.contains(of_ls)) ++of_ls;
    given.insert({0, 1, 2, of_ls});
    std::istringstream lines(ended.out.substr(ended.out.find('\n', ended.out.find("SigIgn:"))));
    for (int number = 0; lines >> number;) seen.insert(number);
    CHECK(seen == given);
  }

  TEST_CASE("AT-37: the command gets no token and no secret of kist itself") {
    const Workplace place(R"("type": "memory")");
    const Place with_secret;
    const Ended ended = with_secret.run({.words = {"run", "--secret", "db", "--", "env"},
                                         .environment = {{"PATH", "/usr/bin:/bin"},
                                                         {"KIST_TOKEN", "t0ken"},
                                                         {"KIST_SECRETS_STORE_PATH", "secrets.db"},
                                                         {"OTHER", "kept"}}});
    CHECK(ended.exit_code == 0);
    CHECK(ended.out.find("t0ken") == std::string::npos);
    CHECK(ended.out.find("KIST_SECRETS_STORE") == std::string::npos);
    CHECK(ended.out.find("OTHER=kept\n") != std::string::npos);
    CHECK(ended.out.find("PASS_WORD=hunter2\n") != std::string::npos);
  }

  TEST_CASE("what cannot be a variable is refused by name, and nothing is run") {
    const Place place;
    place.done({"secret", "create", "nul", "k=-"}, std::string("CANARY\0x", 8));
    place.write_env("path", "path=/evil\n");
    place.done({"secret", "create", "odd", "a\xc3\xa4=-"}, "CANARY");
    struct Case {
      Words words;
      int exit_code;
      std::string message;
    };
    const Case cases[] = {
        {{"--secret", "nul"}, 2, "key 'k' of secret 'nul' holds a NUL byte, and no variable can"},
        {{"--map", "1=db.user"},
         2,
         "'1' is no name of a variable, for key 'user' of secret 'db'; expected letters, digits "
         "and "
         "'_', and no digit at the start"},
        {{"--secret", "odd"},
         2,
         "'A\xc3\xa4' is no name of a variable, for key 'a\xc3\xa4' of secret 'odd'; expected "
         "letters, digits and '_', and no digit at the start"},
        {{"--secret", "db", "--map", "USER=db.user"},
         2,
         "variable USER is given two values: key 'user' of secret 'db', and key 'user' of secret "
         "'db'"},
        {{"--secret", "path"},
         6,
         "key 'path' of secret 'path' would be variable PATH, which decides what code a program "
         "runs; use --prefix, or --map if that is what you want"},
        {{"--map", "X=db.other"}, 4, "secret 'db' has no key 'other', which --map names"},
        {{"--map", "db.user"}, 2, "--map is 'db.user'; expected NAME=secret.key"},
        {{"--map", "X=.user"}, 2, "--map is 'X=.user'; expected NAME=secret.key"},
        {{"--map", "X=db."}, 2, "--map is 'X=db.'; expected NAME=secret.key"},
        {{"--map", "X=db"}, 2, "--map is 'X=db'; expected NAME=secret.key"},
        {{"--map", "X=db.user", "--prefix", "A_"},
         2,
         "--prefix is for --secret; --map names its variables itself"},
    };
    for (const Case& item : cases) {
      CAPTURE(item.message);
      Words words = item.words;
      words.insert(words.end(), {"--", "echo", "it ran"});
      const Ended ended = run(place, words);
      CHECK(ended.exit_code == item.exit_code);
      CHECK(ended.err.find(item.message + "\n") != std::string::npos);
      CHECK(ended.out.empty());
    }
    CHECK(run(place, {"--", "true"}).err ==
          "kist: invalid_argument: there is no secret for the command; give --secret NAME or --map "
          "NAME=secret.key\n  see 'kist run --help'\n");
    CHECK(run(place, {"--secret", "db"}).exit_code == 2);
  }

  TEST_CASE("--mask hides values in output and errors, also when they come in pieces") {
    const Place place;
    place.write_env("more", "key='one\ntwo'\npin=123\n");
    const Ended ended =
        run(place, {"--secret", "db", "--secret", "more", "--mask", "--", "sh", "-c",
                    "printf 'a hunt'; printf 'er2 b\\n'; echo \"$PASS_WORD$PASS_WORD\" >&2; echo "
                    "\"$KEY\"; echo $PIN; printf hunter"});
    CHECK(ended.exit_code == 0);
    CHECK(ended.out == "a (masked) b\n(masked)\n123\nhunter");
    CHECK(ended.err.find("hunter2") == std::string::npos);
    CHECK(ended.err.find("(masked)\n") != std::string::npos);
    CHECK(ended.err.find("kist: warning: the value of PIN is shorter than 4 bytes, and is not "
                         "masked\n") != std::string::npos);
    CHECK(ended.err.find("the value of USER is shorter than 4 bytes") != std::string::npos);
  }

  TEST_CASE("--mask passes on what is written at once, and more than any pipe holds") {
    const Place place;
    Running asks(place, {"run", "--secret", "db", "--mask", "--", "sh", "-c",
                         "trap 'echo got; exit 3' USR1; printf 'ready? '; while :; do sleep 0.01; "
                         "done"});
    asks.wait_for("ready? ");
    REQUIRE(::kill(asks.id, SIGUSR1) == 0);
    asks.wait_for("got\n");
    CHECK(asks.end() == 3);

    const Ended large = run(place, {"--secret", "db", "--mask", "--", "sh", "-c",
                                    "i=0; while [ $i -lt 20000 ]; do echo \"line $i $PASS_WORD\"; "
                                    "i=$((i+1)); done"});
    CHECK(large.exit_code == 0);
    CHECK(std::count(large.out.begin(), large.out.end(), '\n') == 20'000);
    CHECK(large.out.ends_with("line 19999 (masked)\n"));
    CHECK(large.out.find("hunter2") == std::string::npos);
  }

  TEST_CASE("--mask does not wait for what the command has left running") {
    const Place place;
    const Ended ended =
        run(place, {"--secret", "db", "--mask", "--", "sh", "-c", "sleep 600 & echo $!; exit 7"});
    CHECK(ended.exit_code == 7);
    int left = 0;
    REQUIRE(std::sscanf(ended.out.c_str(), "%d", &left) == 1);
    ::kill(left, SIGKILL);
  }

  TEST_CASE("a command whose output nobody reads is told so") {
    const Place place;
    for (const std::string mask : {"", "--mask"}) {
      Words words = {"run", "--secret", "db"};
      if (!mask.empty()) words.push_back(mask);
      words.insert(words.end(), {"--", "sh", "-c", "echo ready; while :; do echo more; done"});
      Running endless(place, words);
      endless.wait_for("ready\n");
      endless.out.read = kist::core::FileDescriptor();
      CHECK(endless.end() == (mask.empty() ? -SIGPIPE : 128 + SIGPIPE));
    }
  }

  TEST_CASE("signals that kist gets are the command's") {
    const Place place;
    for (const std::string mask : {"", "--mask"}) {
      for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
        Words words = {"run", "--secret", "db"};
        if (!mask.empty()) words.push_back(mask);
        words.insert(
            words.end(),
            {"--", "sh", "-c",
             "trap 'exit 11' INT TERM HUP QUIT; echo ready; while :; do sleep 0.01; done"});
        Running waits(place, words);
        waits.wait_for("ready\n");
        REQUIRE(::kill(waits.id, number) == 0);
        CHECK(waits.end() == 11);
      }
    }
  }

  TEST_CASE("keys of a terminal reach the command, once") {
    const Place place;
    for (const std::string mask : {"", "--mask"}) {
      Words words = {"run", "--secret", "db"};
      if (!mask.empty()) words.push_back(mask);
      words.insert(words.end(),
                   {"--", "/bin/sh", "-c",
                    "trap 'echo key' INT; echo ready; read x; read x; echo \"got $x\""});
      TerminalProcess terminal(place, words);
      terminal.wait_for("ready");
      terminal.interrupt();
      terminal.wait_for("key");
      terminal.type("a\n");
      terminal.type("b\n");
      CHECK(terminal.wait_for_end() == 0);
      const std::string& screen = terminal.screen();
      CHECK(screen.find("key") == screen.rfind("key"));
    }
  }
}
