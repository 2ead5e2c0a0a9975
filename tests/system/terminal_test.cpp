// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <doctest/doctest.h>

#include "kist_process.hpp"
#include "terminal_process.hpp"
#include "write_lock.hpp"

using namespace kist::testing;

TEST_SUITE("system/terminal") {
  TEST_CASE("AT-37: a value is asked for without showing it, and may be longer than a line") {
    const Workplace workplace;
    const std::string value = "CANARY" + std::string(6000, 'x');
    TerminalProcess kist(workplace, {"secret", "create", "s", "k"});
    kist.wait_for("Value of 'k': ");
    CHECK(!kist.shows_input());
    for (std::size_t i = 0; i < value.size(); i += 1000) kist.type(value.substr(i, 1000));
    kist.type("\r");
    kist.wait_for("Created secret 's'");
    CHECK(kist.wait_for_end() == 0);
    CHECK(kist.shows_input());
    CHECK(kist.screen().find("CANARY") == std::string::npos);
    CHECK(kist.screen().find("warning") == std::string::npos);
    CHECK(workplace.done({"secret", "get", "s", "--key", "k"}) == value);
  }

  TEST_CASE("what is typed unseen can be taken back") {
    const Workplace workplace;
    TerminalProcess kist(workplace, {"secret", "create", "s", "k"});
    kist.wait_for("Value of 'k': ");
    kist.type("wrong\x15rightü\x7f!\n");  // ^U, and a backspace over two bytes.
    CHECK(kist.wait_for_end() == 0);
    CHECK(workplace.done({"secret", "get", "s", "--key", "k"}) == "right!");
  }

  TEST_CASE("an interrupted prompt leaves the terminal as it was, and stores nothing") {
    const Workplace workplace;
    for (const bool by_end_of_input : {false, true}) {
      TerminalProcess kist(workplace, {"secret", "create", "s", "k"});
      kist.wait_for("Value of 'k': ");
      CHECK(!kist.shows_input());
      if (by_end_of_input)
        kist.type("\x04");
      else
        kist.interrupt();
      CHECK(kist.wait_for_end() == 7);
      CHECK(kist.shows_input());
    }
    CHECK(workplace.kist({"secret", "get", "s"}).exit_code == 4);
  }

  TEST_CASE("an end of input does not put the answer behind what was typed") {
    const Workplace workplace;
    TerminalProcess asked(workplace, {"secret", "create", "s", "k"});
    asked.wait_for("Value of 'k': ");
    asked.type("v\x04");
    CHECK(asked.wait_for_end() == 0);
    CHECK(asked.screen().find("\r\nCreated secret 's'") != std::string::npos);
    TerminalProcess read(workplace, {"secret", "create", "t", "k=-"});
    read.type("v\x04\x04");
    CHECK(read.wait_for_end() == 0);
    CHECK(read.screen().find("\r\nCreated secret 't'") != std::string::npos);
    CHECK(workplace.done({"secret", "get", "t", "--key", "k"}) == "v");
    TerminalProcess confirmed(workplace, {"secret", "delete", "s"});
    confirmed.wait_for("[y/N] ");
    confirmed.type("\x04");
    CHECK(confirmed.wait_for_end() == 7);
    CHECK(confirmed.screen().find("[y/N] \r\nkist: cancelled") != std::string::npos);
  }

  TEST_CASE("a deletion asks, and takes all but yes for no") {
    const Workplace workplace;
    workplace.done({"secret", "create", "db", "k=-"}, "v");
    for (const std::string answer : {"\n", "n\n", "yikes\n"}) {
      TerminalProcess kist(workplace, {"secret", "delete", "db"});
      kist.wait_for("Delete secret 'db' (workspace scope, revision 1)? [y/N] ");
      kist.type(answer);
      CHECK(kist.wait_for_end() == 7);
    }
    workplace.done({"secret", "get", "db"});
    TerminalProcess kist(workplace, {"secret", "delete", "db"});
    kist.wait_for("[y/N] ");
    kist.type("y\n");
    CHECK(kist.wait_for_end() == 0);
    CHECK(workplace.kist({"secret", "get", "db"}).exit_code == 4);
  }

  TEST_CASE("an interrupt calls off what waits for the store, and nothing is half written") {
    const Workplace workplace;
    workplace.done({"secret", "list"});
    {
      const WriteLock lock(workplace.path() / "secrets.db");
      TerminalProcess kist(workplace, {"secret", "create", "s", "k=v", "--verbose"});
      kist.wait_for("kist: plugin: io.kist.sqlite");
      kist.interrupt();
      CHECK(kist.wait_for_end() == 7);
      CHECK(kist.screen().find("kist: cancelled: ") != std::string::npos);
    }
    CHECK(workplace.kist({"secret", "get", "s"}).exit_code == 4);
  }

  TEST_CASE("a call ends when its time is up") {
    const Workplace workplace;
    workplace.done({"secret", "list"});
    const WriteLock lock(workplace.path() / "secrets.db");
    const Ended ended = workplace.kist({"secret", "create", "s", "--timeout", "1"});
    CHECK(ended.exit_code == 7);
    CHECK(ended.err.starts_with("kist: deadline_exceeded: "));
  }

  TEST_CASE("--key puts a newline behind the value on a terminal") {
    const Workplace workplace;
    workplace.done({"secret", "create", "s", "k=-"}, "v");
    TerminalProcess kist(workplace, {"secret", "get", "s", "--key", "k"});
    kist.wait_for("v\r\n");
    CHECK(kist.wait_for_end() == 0);
  }
}
