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

/// `kist serve --dev`, and what it said when it served.
class DevelopmentServer {
 public:
  explicit DevelopmentServer(const Workplace& workplace)
      : runtime_(workplace.path() / "run"), errors_(workplace.path() / "errors") {
    std::filesystem::create_directory(runtime_);
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
  bool has_left_something() const { return !std::filesystem::is_empty(runtime_); }
  std::filesystem::path directory() const {
    return std::filesystem::directory_iterator(runtime_)->path();
  }

 private:
  std::filesystem::path runtime_, errors_;
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

  TEST_CASE("--dev takes no configuration, and says so") {
    const Workplace workplace;
    const Ended ended = workplace.kist({"serve", "--dev", "--config", "kist.json"});
    CHECK(ended.exit_code == 2);
    CHECK(ended.err ==
          "kist: invalid_argument: --dev makes a configuration of its own; leave out --config and "
          "--store-option\n");
  }
}
