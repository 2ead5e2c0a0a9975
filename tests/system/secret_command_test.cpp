// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include "kist_process.hpp"

using namespace kist::testing;

TEST_SUITE("system/secret_command") {
  TEST_CASE("a secret is created, read, changed and deleted, each in a process of its own") {
    const Workplace workplace;
    const auto created = workplace.done_json({"secret", "create", "db", "user=-"}, "app");
    CHECK(created.at("name") == "db");
    CHECK(created.at("scope") == "workspace");
    CHECK(created.at("revision") == 1);
    CHECK(created.at("workspace_name") == "default");
    CHECK(created.at("user_name") == "default");
    CHECK(boost::json::serialize(created.at("values")) == R"({"user":null})");

    CHECK(workplace.done({"secret", "get", "db", "--key", "user"}) == "app");
    workplace.done({"secret", "update", "db", "password=-", "--rename", "database"}, "pw");
    const auto shown = workplace.done_json({"secret", "get", "database", "--reveal"});
    CHECK(shown.at("id") == created.at("id"));
    CHECK(shown.at("created") == created.at("created"));
    const auto listed = workplace.done_json({"secret", "list"});
    for (const auto& secret : {shown, listed.at("items").at(0)}) {
      for (const char* const name : {"workspace", "workspace_name", "user", "user_name"})
        CHECK(secret.at(name) == created.at(name));
    }
    CHECK(shown.at("revision") == 2);
    CHECK(boost::json::serialize(shown.at("values")) == R"({"password":"pw","user":"app"})");

    const std::string id = text_of(shown.at("id"));
    CHECK(workplace.done({"secret", "get", id, "--key", "user"}) == "app");
    CHECK(workplace.done({"secret", "delete", "database", "--yes"}) ==
          "Deleted secret 'database', id " + id + "\n");
    CHECK(workplace.kist({"secret", "get", "database"}).exit_code == 4);
  }

  TEST_CASE("get shows no value unless asked") {
    const Workplace workplace;
    workplace.done({"secret", "create", "db", "password=-"}, "hunter2");
    const std::string table = workplace.done({"secret", "get", "db"});
    CHECK(table.find("hunter2") == std::string::npos);
    CHECK(table.find("KEY       VALUE\npassword  (hidden)\n") != std::string::npos);
    CHECK(
        table.starts_with("NAME       db\nSCOPE      workspace\nWORKSPACE  default\nOWNER      "
                          "default\nREVISION   1\n"));
    CHECK(workplace.done({"secret", "get", "db", "--output", "json"}).find("hunter2") ==
          std::string::npos);
    const std::string revealed = workplace.done({"secret", "get", "db", "--reveal"});
    CHECK(revealed.find("password  hunter2\n") != std::string::npos);
  }

  TEST_CASE("--key prints the bytes of the value and nothing else") {
    const Workplace workplace;
    const std::string bytes("\x00\xff\n\x1b[31m", 8);
    workplace.done({"secret", "create", "raw", "key=-"}, bytes);
    const Ended ended = workplace.kist({"secret", "get", "raw", "--key", "key"});
    CHECK(ended.out == bytes);
    CHECK(ended.err.empty());
    const Ended missing = workplace.kist({"secret", "get", "raw", "--key", "other"});
    CHECK(missing.exit_code == 4);
    CHECK(missing.err == "kist: not_found: secret 'raw' has no key 'other'\n");
  }

  TEST_CASE("JSON gives a value that is no UTF-8 as base64, a table escapes it") {
    const Workplace workplace;
    workplace.done({"secret", "create", "raw", "key=-"}, "\xff\xfe\x01");
    const auto shown = workplace.done_json({"secret", "get", "raw", "--reveal"});
    CHECK(shown.at("values").at("key").at("base64") == "//4B");
    CHECK(workplace.done({"secret", "get", "raw", "--reveal"}).find(R"(\xff\xfe\x01)") !=
          std::string::npos);
  }

  TEST_CASE("an update without anything to change is refused, and so is one against itself") {
    const Workplace workplace;
    workplace.done({"secret", "create", "db", "a=-"}, "1");
    const auto message = [&](Words words) {
      words.insert(words.begin(), {"secret", "update", "db"});
      const Ended ended = workplace.kist(words, "x");
      CHECK(ended.exit_code == 2);
      return ended.err;
    };
    CHECK(message({}) ==
          "kist: invalid_argument: there is nothing to change; give a value, --remove, --rename or "
          "--scope\n  see 'kist secret update --help'\n");
    CHECK(message({"a=-", "--remove", "a"}) ==
          "kist: invalid_argument: key 'a' is both set and removed\n");
    CHECK(message({"--replace"}) ==
          "kist: invalid_argument: --replace needs the values that are to replace all others\n");
    CHECK(message({"--if-revision", "first", "a=-"}) ==
          "kist: invalid_argument: --if-revision is 'first'; expected a whole number from 1\n");
    CHECK(message({"--scope", "world"}) ==
          "kist: invalid_argument: --scope is 'world'; expected 'workspace' or 'user'\n");
  }

  TEST_CASE("an update keeps, removes and replaces keys as told") {
    const Workplace workplace;
    workplace.write("env", "a=1\nb=2\nc=3\n");
    workplace.done({"secret", "create", "db", "--from-env-file", "env"});
    const auto values = [&] {
      return boost::json::serialize(
          workplace.done_json({"secret", "get", "db", "--reveal"}).at("values"));
    };
    workplace.done({"secret", "update", "db", "--remove", "a", "--remove", "absent", "b=-"}, "two");
    CHECK(values() == R"({"b":"two","c":"3"})");
    workplace.done({"secret", "update", "db", "--replace", "d=-"}, "4");
    CHECK(values() == R"({"d":"4"})");
    workplace.done({"secret", "update", "db", "--scope", "user"});
    CHECK(workplace.done_json({"secret", "get", "db"}).at("scope") == "user");
  }

  TEST_CASE("exit codes say what the caller can do") {
    const Workplace workplace;
    workplace.done({"secret", "create", "db"});
    const auto code = [&](const Words& words) { return workplace.kist(words).exit_code; };
    CHECK(code({"secret", "get", "absent"}) == 4);
    CHECK(code({"secret", "create", "db"}) == 5);
    CHECK(code({"secret", "update", "db", "--rename", "new", "--if-revision", "7"}) == 5);
    CHECK(code({"secret", "delete", "db", "--yes", "--if-revision", "7"}) == 5);
    CHECK(code({"secret", "create", " db"}) == 2);
    CHECK(code({"secret", "list", "--sort", "values"}) == 2);
    CHECK(code({"secret", "list", "--store-option", "path=/proc/none/x.db"}) != 0);
    CHECK(code({"secret", "get", "db", "--workspace", "other"}) == 4);
    workplace.write("large", std::string(64 * 1024 + 1, 'x'));
    CHECK(code({"secret", "create", "large", "--from-file", "a=large"}) == 7);
    workplace.configure(R"({"secrets_store": {"type": "none"}})");
    CHECK(code({"secret", "get", "db"}) == 10);
    workplace.configure(R"({"secrets_store": {"type": "absent"}})");
    CHECK(code({"secret", "get", "db"}) == 6);
  }

  TEST_CASE("a create is repeated safely with its id") {
    const Workplace workplace;
    const std::string id = "11111111-2222-4333-8444-555555555555";
    workplace.done({"secret", "create", "db", "--id", id, "a=-"}, "1");
    CHECK(
        text_of(workplace.done_json({"secret", "create", "db", "--id", id, "a=-"}, "1").at("id")) ==
        id);
    CHECK(workplace.kist({"secret", "create", "db", "--id", id, "a=-"}, "2").exit_code == 5);
    CHECK(workplace.kist({"secret", "create", "x", "--id", "7"}).err ==
          "kist: invalid_argument: --id is '7'; expected a UUID\n");
  }

  TEST_CASE("one name can stand in both scopes and in two workspaces, and is told apart") {
    const Workplace workplace;
    workplace.configure(R"({"secrets_store": {"type": "sqlite", "path": "secrets.db"},
                            "workspaces": ["default", "research"]})");
    workplace.done({"secret", "create", "db", "k=-"}, "workspace");
    workplace.done({"secret", "create", "db", "k=-", "--scope", "user"}, "user");
    workplace.done({"secret", "create", "db", "k=-", "--workspace", "research"}, "research");
    const auto value = [&](Words words) {
      words.insert(words.begin(), {"secret", "get", "db", "--key", "k"});
      return workplace.kist(words);
    };
    CHECK(value({}).exit_code == 2);
    CHECK(value({"--scope", "workspace"}).out == "workspace");
    CHECK(value({"--scope", "user"}).out == "user");
    CHECK(value({"--workspace", "research"}).out == "research");
  }

  TEST_CASE("a deletion without a terminal needs --yes") {
    const Workplace workplace;
    workplace.done({"secret", "create", "db"});
    const Ended ended = workplace.kist({"secret", "delete", "db"}, "y\n");
    CHECK(ended.exit_code == 2);
    CHECK(ended.err ==
          "kist: invalid_argument: deleting a secret has to be confirmed, and standard input is no "
          "terminal; use --yes\n");
    workplace.done({"secret", "get", "db"});
    CHECK(workplace.done({"secret", "delete", "db", "--yes", "--output", "json"}) == "null\n");
  }
}
