// SPDX-License-Identifier: Apache-2.0
// What docs/operating/server.md says of certificates to try it with is done as it stands there.
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "../kist_process.hpp"
#include "server_process.hpp"

using namespace kist::testing;

namespace {

/// The blocks of code under a heading, in their order.
std::vector<std::string> blocks_under(const std::string& heading) {
  const std::string page = read_file(KIST_SERVER_PAGE);
  const std::size_t start = page.find("\n" + heading + "\n");
  REQUIRE(start != std::string::npos);
  const std::string section = page.substr(start, page.find("\n## ", start) - start);
  std::vector<std::string> blocks;
  for (std::size_t at = 0; (at = section.find("\n```", at)) != std::string::npos;) {
    const std::size_t begin = section.find('\n', at + 1) + 1, end = section.find("\n```", begin);
    blocks.push_back(section.substr(begin, end + 1 - begin));
    at = end + 4;
  }
  return blocks;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
  return text;
}

/// A shell, started by `kist run`, for which `kist` is the one of this build.
struct Shell : Workplace {
  Shell() {
    done({"secret", "create", "s", "k=-"}, "x");
    std::filesystem::create_directory(path() / "bin");
    std::filesystem::create_symlink(KIST_PROGRAM, path() / "bin" / "kist");
  }
  std::string does(const std::string& script) const {
    const Ended ended =
        run({.words = {"run", "--map", "K=s.k", "--", "sh", "-e", "-c", script},
             .environment = {{"PATH", (path() / "bin").native() + ":/usr/bin:/bin"}}});
    INFO(ended.err);
    REQUIRE(ended.exit_code == 0);
    return ended.out;
  }
};

}  // namespace

TEST_SUITE("server/test_certificates") {
  TEST_CASE("the commands of the page make what the configuration of the page serves with") {
    const std::vector<std::string> blocks = blocks_under("### Certificates to try it with");
    REQUIRE(blocks.size() == 3);
    const Shell shell;
    shell.does(blocks[0]);
    for (const char* const key : {"ca.key", "server.key", "client.key"})
      CHECK(std::filesystem::status(shell.path() / key).permissions() ==
            std::filesystem::perms(0600));
    shell.configure(replaced(blocks[1], ":8443", ":0"));
    const ServerProcess server(shell);
    const std::string said =
        shell.does(replaced(blocks[2], ":8443", ":" + std::to_string(server.port())));
    CHECK(said.find("\nPRINCIPAL        deploy\n") != std::string::npos);
    CHECK(said.find("\"name\":\"deploy\"") != std::string::npos);
  }
}
