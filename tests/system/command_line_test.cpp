// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <doctest/doctest.h>

#include "kist_process.hpp"
#include "secrets/error_table.hpp"

using namespace kist::testing;

namespace {

const Words kCommands[] = {
    {"secret", "create"},  {"secret", "get"},   {"secret", "list"}, {"secret", "update"},
    {"secret", "delete"},  {"config", "check"}, {"config", "show"}, {"plugin", "list"},
    {"plugin", "inspect"}, {"store", "info"},
};

}  // namespace

TEST_SUITE("system/command_line") {
  TEST_CASE("kist alone shows every command") {
    const Workplace workplace;
    const std::string text = workplace.done({});
    for (const Words& command : kCommands) {
      CAPTURE(command[1]);
      CHECK(text.find("  " + command[0] + " " + command[1] + "  ") != std::string::npos);
    }
    CHECK(text.find("\n  help              Shows help") != std::string::npos);
    CHECK(workplace.done({"--help"}) == text);
    CHECK(workplace.done({"help"}) == text);
    CHECK(workplace.done({"-h"}) == text);
  }

  TEST_CASE("kist alone says what each exit code means") {
    const Workplace workplace;
    const std::string text = workplace.done({});
    const std::size_t start =
        text.find("\nExit codes:\n  0   done\n  2   the request or the configuration is wrong\n");
    REQUIRE(start != std::string::npos);
    const std::string table = text.substr(start, text.find("\n\n", start) - start);
    for (int i = 0; i <= static_cast<int>(kist::ErrorCode::internal); ++i) {
      const auto code = static_cast<kist::ErrorCode>(i);
      const int exit_code = kist::core::error_row(code).exit_code;
      CAPTURE(exit_code);
      CHECK(table.find("\n  " + std::to_string(exit_code) + " ") != std::string::npos);
    }
  }

  TEST_CASE("the exit codes of the page on configuration are those of the help") {
    const Workplace workplace;
    const std::string page = read_file(KIST_CONFIGURATION_PAGE), text = workplace.done({});
    const std::string head = "| code | means |\n|---|---|\n";
    std::size_t row = page.find(head);
    REQUIRE(row != std::string::npos);
    std::string table;
    for (row += head.size(); page[row] == '|'; row = page.find('\n', row) + 1) {
      const std::size_t bar = page.find(" | ", row), end = page.find(" |\n", row);
      const std::string code = page.substr(row + 2, bar - row - 2);
      table += "  " + code + std::string(4 - code.size(), ' ') +
               page.substr(bar + 3, end - bar - 3) + "\n";
    }
    CHECK(text.find("\nExit codes:\n" + table + "\n") != std::string::npos);
  }

  TEST_CASE("every command has help with an example, in three ways, and needs no configuration") {
    const Workplace workplace;
    workplace.configure("this is no JSON");
    for (const Words& command : kCommands) {
      CAPTURE(command[1]);
      const std::string text = workplace.done({"help", command[0], command[1]});
      CHECK(text.starts_with("Usage: kist " + command[0] + " " + command[1]));
      CHECK(text.find("\nExamples:\n  $ ") != std::string::npos);
      CHECK(workplace.done({command[0], command[1], "--help"}) == text);
      CHECK(workplace.done({"--help", command[0], command[1]}) == text);
      CHECK(workplace.done({command[0], command[1], "-h"}) == text);
      CHECK(workplace.done({"-h", command[0], command[1]}) == text);
      CHECK(workplace.done({command[0], "--help"}).find(command[1]) != std::string::npos);
    }
  }

  TEST_CASE("a path that is empty is a mistake of the command line") {
    const Workplace workplace;
    workplace.refuses({
        {{"keys", "init", "--file", ""}, "--file names no file"},
        {{"secret", "create", "s", "--from-env-file", ""}, "--from-env-file names no file"},
        {{"secret", "create", "s", "--from-file", "k="}, "--from-file needs KEY=PATH"},
        {{"import", "zenml-sql", "z.db", "--encryption-key-file", ""},
         "--encryption-key-file names no file"},
        {{"import", "zenml-sql", ""}, "PATH is empty; expected ZenML's database"},
        {{"plugin", "inspect", ""}, "what stands behind 'kist plugin inspect' is empty"},
        {{"config", "check", "--config", ""}, "--config names no file"},
    });
  }

  TEST_CASE("help says which secret and which workspace is meant") {
    struct Case {
      std::string command;
      Words lines;
    };
    const std::string one = "(default 'default')\n";
    const std::string chosen =
        "'workspace' or 'user': chooses the secret, if both scopes have the name\n";
    const std::string comment =
        "a line that starts with '#',\n                        also behind blanks, is a comment;";
    const Case cases[] = {
        {"create", {one, comment}},
        {"get", {one, chosen, "NAME is a name or an id."}},
        {"list", {"only this workspace, by name or id (default: all)\n"}},
        {"update",
         {one, comment,
          "\nNAME is a name or an id. --scope is the new scope, so a name that both scopes have "
          "needs the id.\n"}},
        {"delete", {one, chosen, "NAME is a name or an id."}},
    };
    const Workplace workplace;
    for (const Case& item : cases) {
      const std::string text = workplace.done({"help", "secret", item.command});
      for (const std::string& line : item.lines) {
        CAPTURE(line);
        CHECK(text.find(line) != std::string::npos);
      }
    }
  }

  TEST_CASE("--version names version, build and ABI") {
    const Workplace workplace;
    const std::string text = workplace.done({"--version"});
    const std::string start = "kist " KIST_TEST_VERSION " (build ", end = ", ABI 1.0)\n";
    REQUIRE(text.size() == start.size() + 40 + end.size());
    CHECK(text.starts_with(start));
    CHECK(text.ends_with(end));
    CHECK(text.substr(start.size(), 40).find_first_not_of("0123456789abcdef") == std::string::npos);
  }

  TEST_CASE("a mistake in the words ends in exit code 2 and says what was meant") {
    const Workplace workplace;
    workplace.refuses({
        {{"secrets", "list"},
         "'kist' has no command 'secrets'; did you mean 'secret'? Allowed: secret, run, serve, "
         "status, token, config, plugin, store, import, keys, audit, completion, help\n  see 'kist "
         "--help'"},
        {{"secret", "lst"},
         "'kist secret' has no command 'lst'; did you mean 'list'? Allowed: create, get, list, "
         "update, delete, export, import\n  see 'kist secret --help'"},
        {{"secret"},
         "'kist secret' needs a command behind it. Allowed: create, get, list, update, delete, "
         "export, import\n  see 'kist secret --help'"},
        {{"secret", "get", "db", "--revael"},
         "'kist secret get' has no option '--revael'; did you mean '--reveal'?\n  see 'kist secret "
         "get --help'"},
        {{"secret", "get", "db", "--rev"},
         "'kist secret get' has no option '--rev'\n  see 'kist secret get --help'"},
        {{"secret", "get", "db", "-x"},
         "'kist secret get' has no option '--x'\n  see 'kist secret get --help'"},
        {{"secret", "get"},
         "something is missing behind 'kist secret get'; expected: kist secret get NAME\n  see "
         "'kist secret get --help'"},
        {{"secret", "get", "a", "b"},
         "there is one argument too many behind 'kist secret get'; expected: kist secret get "
         "NAME\n  see 'kist secret get --help'"},
        {{"secret", "get", "a", "--key"},
         "option '--key' needs a value behind it\n  see 'kist secret get --help'"},
        {{"secret", "get", "a", "--reveal=yes"},
         "option '--reveal' takes no value\n  see 'kist secret get --help'"},
        {{"secret", "get", "a", "--key", "x", "--key", "y"},
         "option '--key' is given twice\n  see 'kist secret get --help'"},
        {{"store", "info", "--timeout", "0"}, "--timeout is '0'; expected 1 to 86400 seconds"},
        {{"store", "info", "--output", "xml"}, "--output is 'xml'; expected 'table' or 'json'"},
        {{"--wat"}, "there is no command behind '--wat'\n  see 'kist --help'"},
    });
  }

  TEST_CASE("common options stand before the command, inside it or behind it") {
    const Workplace workplace(R"("type": "memory")");
    const std::string json = workplace.done({"secret", "list", "--output", "json"});
    CHECK(json.starts_with("{"));
    CHECK(workplace.done({"--output", "json", "secret", "list"}) == json);
    CHECK(workplace.done({"secret", "--output=json", "list"}) == json);
  }

  TEST_CASE("behind -- a word is no option") {
    const Workplace workplace(R"("type": "memory")");
    CHECK(workplace.kist({"secret", "get", "--", "--key"}).exit_code == 4);
    CHECK(workplace.kist({"secret", "get", "--", "-h"}).exit_code == 4);
  }

  TEST_CASE("an error is one JSON document on standard error if JSON was asked for") {
    const Workplace workplace;
    workplace.done({"store", "info"});
    const Ended missing = workplace.kist({"--output", "json", "secret", "get", "nothing"});
    CHECK(missing.exit_code == 4);
    CHECK(missing.out.empty());
    CHECK(missing.error_json().at("code") == "not_found");
    CHECK(workplace.kist({"secret", "gte", "--output=json"}).error_json().at("code") ==
          "invalid_argument");
  }
}
