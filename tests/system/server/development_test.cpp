// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "../kist_process.hpp"

using namespace kist::testing;

namespace {

namespace fs = std::filesystem;

/// `kist serve --dev`, and what it said when it served.
class DevelopmentServer {
 public:
  explicit DevelopmentServer(const Workplace& workplace)
      : runtime_(workplace.path() / "run"), errors_(workplace.path() / "errors") {
    fs::create_directory(runtime_);
    Pipe out;
    const kist::core::FileDescriptor err(
        ::open(errors_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    const Start start{.words = {"serve", "--dev", "--listen", "127.0.0.1:0"},
                      .environment = {{"XDG_RUNTIME_DIR", runtime_.native()}}};
    child_ = start_kist(start, workplace.path(), -1, out.write.get(), err.get());
    out.write = kist::core::FileDescriptor();
    char bytes[4096];
    while (said_.find(" lie in ") == std::string::npos) {
      const ssize_t count = ::read(out.read.get(), bytes, sizeof(bytes));
      REQUIRE(count > 0);
      said_.append(bytes, static_cast<std::size_t>(count));
    }
  }
  ~DevelopmentServer() {
    if (child_ > 0) stop(SIGKILL);
  }

  /// What stands behind `export NAME=`.
  std::string exported(const std::string& name) const {
    const std::size_t at = said_.find("export " + name + "=") + name.size() + 8;
    return said_.substr(at, said_.find('\n', at) - at);
  }
  int stop(int signal) {
    int status = 0;
    ::kill(child_, signal);
    ::waitpid(child_, &status, 0);
    child_ = -1;
    return status;
  }
  std::string log() const { return read_file(errors_); }
  bool has_left_something() const { return !fs::is_empty(runtime_); }
  fs::path directory() const { return fs::directory_iterator(runtime_)->path(); }

 private:
  fs::path runtime_, errors_;
  pid_t child_ = -1;
  std::string said_;
};

}  // namespace

TEST_SUITE("server/development") {
  TEST_CASE(
      "--dev serves a new store to whoever has the token that it printed, and leaves nothing") {
    const Workplace workplace;
    DevelopmentServer server(workplace);
    const std::string token = server.exported("KIST_TOKEN");
    const auto kist = [&](const Words& words, const std::string& with) {
      return workplace.run(
          {.words = words,
           .input = "hunter2-canary",
           .environment = {{"KIST_SERVER", server.exported("KIST_SERVER")}, {"KIST_TOKEN", with}}});
    };
    CHECK(kist({"secret", "create", "db", "password=-"}, token).exit_code == 0);
    CHECK(kist({"secret", "get", "db", "--key", "password"}, token).out == "hunter2-canary");
    CHECK(kist({"secret", "list"},
               token.substr(0, token.size() - 1) + (token.ends_with("x") ? "y" : "x"))
              .exit_code == 3);

    struct stat status {};
    REQUIRE(::stat(server.directory().c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0700);
    CHECK(read_file(server.directory() / "secrets.db").find("hunter2") == std::string::npos);
    CHECK(read_file(server.directory() / "kist.json").find(token) == std::string::npos);

    CHECK(server.stop(SIGTERM) == 0);
    CHECK(!server.has_left_something());
    CHECK(server.log().find(token) == std::string::npos);
    CHECK(server.log().find("keep") == std::string::npos);  // No copy of what is thrown away.
    CHECK(server.log().find("hunter2") == std::string::npos);
  }

  TEST_CASE("--dev takes away what one that was killed has left, and nothing else") {
    const Workplace workplace;
    const fs::path runtime = workplace.path() / "run", outside = workplace.path() / "outside";
    const auto make = [&](const std::string& name, const char* lock) {
      fs::create_directory(runtime / name);
      fs::permissions(runtime / name, fs::perms::owner_all);
      if (lock != nullptr) workplace.write("run/" + name + "/" + lock, "");
      return runtime / name;
    };
    fs::path killed;
    {
      DevelopmentServer server(workplace);
      killed = server.directory();
      CHECK(server.stop(SIGKILL) == SIGKILL);
    }
    CHECK(fs::exists(killed / "secrets.db"));
    const fs::path starting = make("kist-dev.starting", nullptr);
    const fs::path other = make("other", "lock");
    const fs::path open_to_all = make("kist-dev.open", "lock");
    fs::permissions(open_to_all, fs::perms::group_read, fs::perm_options::add);
    fs::create_directory(outside);
    fs::permissions(outside, fs::perms::owner_all);
    workplace.write("outside/lock", "");
    fs::create_directory_symlink(outside, runtime / "kist-dev.link");
    {
      DevelopmentServer first(workplace);
      CHECK(!fs::exists(killed));
      DevelopmentServer second(workplace);
      const Ended listed =
          workplace.run({.words = {"secret", "list"},
                         .environment = {{"KIST_SERVER", first.exported("KIST_SERVER")},
                                         {"KIST_TOKEN", first.exported("KIST_TOKEN")}}});
      CHECK(listed.exit_code == 0);
      CHECK(first.stop(SIGTERM) == 0);
      CHECK(second.stop(SIGTERM) == 0);
    }
    for (const fs::path& kept : {starting, other / "lock", open_to_all / "lock", outside / "lock"})
      CHECK(fs::exists(kept));
  }

  TEST_CASE("--dev takes no configuration, and says so") {
    const Workplace workplace;
    const Ended ended = workplace.kist({"serve", "--dev", "--config", "kist.json"});
    CHECK(ended.exit_code == 2);
    CHECK(ended.err ==
          "kist: invalid_argument: --dev makes a configuration of its own; leave out --config and "
          "--store-option\n");
  }
}
