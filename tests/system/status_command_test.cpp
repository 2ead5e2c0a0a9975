// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <boost/json/object.hpp>
#include <doctest/doctest.h>

#include "kist_process.hpp"

using namespace kist::testing;

TEST_SUITE("system/status_command") {
  TEST_CASE("status shows which store is in use, how it is, and who one is to it") {
    const Workplace place;
    const auto status = place.done_json({"status"});
    CHECK(text_of(status.at("configuration")).find("kist.json") != std::string::npos);
    CHECK(status.at("version") == KIST_TEST_VERSION);
    CHECK(status.at("store_type") == "sqlite");
    CHECK(status.at("plugin") == "io.kist.sqlite");
    CHECK(status.at("sealing").at("enabled") == true);
    CHECK(status.at("principal") == "default");
    CHECK(status.at("ready") == true);
    const std::string table = place.done({"status"});
    CHECK(table.find("\nSTORE TYPE          sqlite\n") != std::string::npos);
    CHECK(table.find("\nREADY               true\n") != std::string::npos);
  }

  TEST_CASE("status without a store says so, and one that cannot be opened is an error") {
    const Workplace none(R"("type": "none")");
    CHECK(none.done_json({"status"}).at("store_type") == "none");
    const Workplace broken(R"("type": "sqlite", "path": "nowhere/secrets.db")");
    CHECK(broken.kist({"status"}).exit_code != 0);
  }

  TEST_CASE("a server that is not there is unavailable, in each way of naming it") {
    const Workplace place;
    const std::string socket = "unix:" + (place.path() / "none.sock").native();
    const std::string message =
        "kist: unavailable: cannot connect to server '" + socket + "': No such file or directory\n";
    const Words commands[] = {
        {"status"}, {"secret", "list"}, {"store", "info"}, {"plugin", "list"}};
    for (Words words : commands) {
      CAPTURE(words[0]);
      const Ended by_variable =
          place.run({.words = words, .environment = {{"KIST_SERVER", socket}}});
      CHECK(by_variable.exit_code == 7);
      CHECK(by_variable.err == message);
      words.insert(words.end(), {"--server", socket});
      CHECK(place.kist(words).err == message);
    }
  }

  TEST_CASE("a command that knows no server says so, and a line that names two stores is refused") {
    const Workplace place;
    place.refuses({
        {{"keys", "list", "--server", "unix:/s"},
         "'kist keys list' works on what is configured here, and knows no --server\n  see 'kist "
         "keys list --help'"},
        {{"secret", "list", "--server", "unix:/s", "--config", "kist.json"},
         "--server leaves no store that --config or --store-option could name; use one of them\n  "
         "see 'kist secret list --help'"},
        {{"secret", "list", "--token-file", "t"},
         "--token-file needs a server; name it with --server or KIST_SERVER\n  see 'kist secret "
         "list --help'"},
        {{"secret", "list", "--server", "https://a", "--client-key", "k"},
         "--client-key needs --client-certificate beside it\n  see 'kist secret list --help'"},
        {{"secret", "list", "--server", "kist.example"},
         "--server is 'kist.example'; expected https://HOST[:PORT], http://HOST[:PORT] or "
         "unix:/PATH"},
        {{"secret", "list", "--server", ""},
         "--server is ''; expected https://HOST[:PORT], "
         "http://HOST[:PORT] or unix:/PATH"},
    });
  }

  TEST_CASE("KIST_SERVER does not count where the line names a store, nor where none could serve") {
    const Workplace place;
    const auto run = [&](const Words& words) {
      return place.run({.words = words, .environment = {{"KIST_SERVER", "unix:/none"}}}).exit_code;
    };
    CHECK(run({"secret", "list"}) == 7);
    CHECK(run({"secret", "list", "--config", "kist.json"}) == 0);
    CHECK(run({"config", "check"}) == 0);
    CHECK(
        place.run({.words = {"secret", "list"}, .environment = {{"KIST_SERVER", ""}}}).exit_code ==
        0);
  }
}
