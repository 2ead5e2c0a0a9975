// SPDX-License-Identifier: Apache-2.0
// AT-34: secrets that are canaries, on every path, and a search wherever they could be left.
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "canary_sweep.hpp"
#include "text/hex.hpp"

using namespace kist::testing;
using kist::core::to_hex;
namespace fs = std::filesystem;

namespace {

void run_sql(const fs::path& database, const std::string& sql) {
  sqlite3* connection = nullptr;
  REQUIRE(::sqlite3_open(database.c_str(), &connection) == SQLITE_OK);
  const std::string all = "PRAGMA ignore_check_constraints = 1; " + sql;
  const int result = ::sqlite3_exec(connection, all.c_str(), nullptr, nullptr, nullptr);
  INFO(::sqlite3_errmsg(connection));
  CHECK(result == SQLITE_OK);
  ::sqlite3_close(connection);
}

}  // namespace

TEST_SUITE("system/canary") {
  TEST_CASE("AT-34: values are where they were asked for, and nowhere else") {
    SqliteSweep sweep;
    const std::string& value = sweep.value;
    sweep.give("value", value);
    sweep.give("variables", "b=" + value + "\nc=\"" + value + "\\n\"\n");
    sweep.kist({"secret", "create", "inline", "a=" + value});
    sweep.kist({"secret", "create", "file", "--from-file", "a=" + sweep.given("value").native()});
    sweep.kist(
        {"secret", "create", "variables", "--from-env-file", sweep.given("variables").native()});
    sweep.run({.words = {"secret", "create", "input", "a=-"}, .input = value + "\n"}, 0);
    sweep.kist({"secret", "create", "binary", "a=\xff" + value, "b="});
    sweep.kist({"secret", "create", "user", "a=" + value, "--scope", "user", "--output", "json"});
    sweep.kist({"secret", "update", "inline", "a=" + value, "b=" + value});
    sweep.run({.words = {"secret", "update", "inline", "b=-"}, .input = value}, 0);
    sweep.kist({"secret", "update", "inline", "--remove", "b"});
    sweep.kist({"secret", "update", "inline", "--replace", "c=" + value, "--output", "json"});
    sweep.kist({"secret", "update", "inline", "--rename", "renamed"});
    sweep.kist({"secret", "list"});
    sweep.kist({"secret", "list", "--output", "json"});
    sweep.kist({"secret", "get", "renamed"});
    sweep.kist({"secret", "get", "renamed", "--output", "json"});
    sweep.kist({"store", "info"});
    for (const char* const name : {"renamed", "variables", "binary"}) {
      sweep.kist({"secret", "get", name, "--reveal"}, 0, {kShownValue});
      sweep.kist({"secret", "get", name, "--reveal", "--output", "json"}, 0, {kShownValue});
    }
    sweep.kist({"secret", "get", "renamed", "--key", "c"}, 0, {kShownValue});
    sweep.kist({"secret", "delete", "renamed", "--yes"});
    sweep.run({.words = {"secret", "delete", "file"}, .input = "y\n"}, 2);
  }

  TEST_CASE("AT-34: no value is left by a command that fails") {
    SqliteSweep sweep;
    const std::string &value = sweep.value, pair = "k=" + value;
    std::string large;
    while (large.size() <= std::size_t{1} << 20) large += value;
    sweep.give("large", large);
    sweep.give("variables", "k=1\n" + value + "\n");
    sweep.kist({"secret", "create", "taken", pair});
    sweep.kist({"secret", "create", "taken", pair}, 5);
    sweep.kist({"secret", "create", "s", pair, pair}, 2);
    sweep.kist({"secret", "create", "s", "=" + value}, 2);
    sweep.kist({"secret", "create", "s", value}, 2);
    sweep.kist({"secret", "create", "s", "\xff=" + value}, 2);
    sweep.kist({"secret", "create", "s", pair, "--scope", "x"}, 2);
    sweep.kist({"secret", "create", "s", pair, "--no-such-option"}, 2);
    sweep.kist({"secret", "create", "s", pair, "--password=" + value}, 2);
    sweep.kist({"secret", "create", "s", pair, "--workspace", "x"}, 4);
    sweep.kist({"secret", "create", "s", "--from-env-file", sweep.given("variables").native()}, 2);
    sweep.kist({"secret", "create", "s", "--from-file", "k=" + sweep.given("large").native()}, 7);
    sweep.run({.words = {"secret", "create", "s", "k=-"}, .input = large}, 7);
    sweep.kist({"secret", "update", "taken", pair, "--if-revision", "9"}, 5);
    sweep.kist({"secret", "update", "taken", pair, "--remove", "k"}, 2);
    sweep.kist({"secret", "update", "absent", pair}, 4);
    sweep.kist({"secret", "get", "taken", "--key", "absent"}, 4);
    sweep.kist({"secret", "get", "taken", value, value}, 2);
    sweep.run({.words = {"secret", "get", "taken", "--reveal"}, .closed = {1}}, 0);
    sweep.run({.words = {"secret", "create", "s", "k=-"}, .input = value, .closed = {2}}, 0);
    sweep.run({.words = {"secret", "create", "t", "k=-"}, .input = value, .closed = {0}}, 0);
  }

  TEST_CASE("AT-34: no value or key is left when stored data is damaged or the keys are wrong") {
    SqliteSweep sweep;
    sweep.kist({"secret", "create", "s", "k=" + sweep.value, "l=" + sweep.value});
    const auto damaged = [&](const std::string& sql) {
      const fs::path copy = sweep.work() / "damaged.db";
      fs::copy_file(sweep.database(), copy, fs::copy_options::overwrite_existing);
      run_sql(copy, sql);
      fs::rename(sweep.database(), sweep.given("whole.db"));
      fs::rename(copy, sweep.database());
      sweep.kist({"secret", "get", "s", "--reveal"}, 9);
      sweep.kist({"secret", "update", "s", "k=" + sweep.value}, 9);
      sweep.kist({"secret", "list"});
      fs::rename(sweep.given("whole.db"), sweep.database());
    };
    damaged("UPDATE secret_values SET content = substr(content, 1, length(content) - 1)");
    damaged("UPDATE secret_values SET content = x'00'");
    damaged(
        "UPDATE secret_values SET content = CAST(substr(content, 1, length(content) - 5) || x'00' "
        "|| substr(content, length(content) - 3) AS BLOB)");

    const std::string other = sweep.canary("other KEK", 32);
    const struct {
      std::string line;
      int list_code;  // A key that is another one is shown as such.
    } keyrings[] = {{"k1 " + to_hex(other), 0},
                    {"k2 " + to_hex(other), 0},
                    {"k1 " + to_hex(sweep.kek).substr(1), 6},
                    {"k1 " + to_hex(sweep.kek) + " yesterday", 6},
                    {to_hex(sweep.kek) + "\n" + to_hex(sweep.kek), 6}};
    for (const auto& keyring : keyrings) {
      sweep.give("keyring", keyring.line + "\n");
      sweep.kist({"secret", "get", "s", "--reveal"}, 6);
      sweep.kist({"keys", "list"}, keyring.list_code);
    }
    sweep.give("keyring", "k1 " + to_hex(sweep.kek) + "\n", 0644);
    sweep.kist({"secret", "get", "s", "--reveal"}, 6);
  }

  TEST_CASE("AT-34: keys of every source stay in memory, and that is wiped") {
    SqliteSweep sweep;
    const std::string file = sweep.canary("KEK of a file", 32),
                      variable = sweep.canary("KEK of a variable", 32),
                      command = sweep.canary("KEK of a command", 32),
                      credential = sweep.canary("KEK of a credential", 32);
    sweep.give("file.key", to_hex(file));
    sweep.give("command.key", to_hex(command) + "\n");
    sweep.give("credential.key", to_hex(credential), 0400);
    sweep.environment["KIST_KEK"] = to_hex(variable);
    sweep.environment["CREDENTIALS_DIRECTORY"] = sweep.given("").native();
    // What the command gets to see of its parent is left behind for the search.
    sweep.give("command",
               "#!/bin/sh\n"
               "cat /proc/self/environ /proc/self/cmdline > \"$TMPDIR/command.seen\"\n"
               "ls -l /proc/self/fd >> \"$TMPDIR/command.seen\"\n"
               "exec cat '" +
                   sweep.given("command.key").native() + "'\n",
               0700);
    const auto keys = [&](const std::string& current) {
      sweep.configure(sweep.store() + R"(, "sealing": {"keyring": ")" +
                      sweep.given("keyring").native() + R"(", "current": ")" + current +
                      R"(", "keys": [{"id": "file", "file": ")" + sweep.given("file.key").native() +
                      R"("}, {"id": "command", "command": [")" + sweep.given("command").native() +
                      R"("]}, {"id": "variable", "environment": "KIST_KEK"},)" +
                      R"({"id": "credential", "credential": "credential.key"}]})");
    };
    for (const char* const current : {"k1", "file", "variable", "command", "credential"}) {
      keys(current);
      sweep.kist({"secret", "create", current, "k=" + sweep.value});
      sweep.kist({"secret", "get", current, "--key", "k"}, 0, {kShownValue});
    }
    CHECK(fs::file_size(sweep.environment["TMPDIR"] + "/command.seen") > 0);
    // These read no key, so that the variable stays as it was.
    const Sweep::Expected unread = {{"KEK of a variable", "environ"},
                                    {"KEK of a variable", kDumpedMemory}};
    sweep.kist({"config", "check"}, 0, unread);
    sweep.kist({"config", "show"}, 0, unread);
    sweep.kist({"keys", "list"});
    sweep.kist({"keys", "list", "--usage", "--output", "json"});
    sweep.kist({"keys", "rewrap", "--dry-run"});
    sweep.kist({"keys", "rewrap"});
    sweep.give("command", "#!/bin/sh\nprintf '%s' " + to_hex(command) + " >&2; exit 1\n", 0700);
    sweep.kist({"keys", "list"}, 0, {{"KEK of a command", "standard error"}});
  }

  TEST_CASE("AT-34: a key that kist makes is in its file alone") {
    SqliteSweep sweep;
    sweep.configure(sweep.store());
    const fs::path keyring = sweep.work() / "kist-keyring";
    // Which key it is can be read only when it is there, and the process must not have gone then.
    const auto run_and_find_key = [&](const Words& words, const std::string& kind) {
      const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
      ObservedProcess process(sweep.line(words), sweep.variables({}), sweep.work(), null, null,
                              null);
      ::close(null);
      const bool has_stopped = process.wait_for_last_stop();
      const std::string text = read_file(keyring);
      const std::size_t last_line = text.rfind('\n', text.size() - 2) + 1;
      Canary key{kind, std::string(32, '\0')};
      REQUIRE(kist::core::read_hex(text.substr(text.find(' ', last_line) + 1, 64), key.bytes.data(),
                                   key.bytes.size()));
      sweep.look_for(key);
      if (has_stopped) check_findings(search_process(sweep.search(), process.id()), {});
      CHECK(process.wait_for_end() == 0);
    };
    run_and_find_key({"secret", "create", "s", "k=" + sweep.value}, "first KEK");
    const Finding first{"first KEK", "kist-keyring"}, second{"second KEK", "kist-keyring"};
    sweep.kist({"secret", "get", "s", "--reveal"}, 0, {kShownValue, first});
    run_and_find_key({"keys", "rotate"}, "second KEK");
    sweep.kist({"keys", "list"}, 0, {first, second});
    sweep.kist({"keys", "rewrap"}, 0, {first, second});
    sweep.kist({"keys", "init"}, 5, {first, second});
    sweep.kist({"secret", "get", "s", "--key", "k"}, 0, {kShownValue, first, second});
  }
}
