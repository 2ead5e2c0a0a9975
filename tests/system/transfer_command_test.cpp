// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <string>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include "kist_process.hpp"
#include "terminal_process.hpp"

using namespace kist::testing;

namespace {

const std::string kFormats[] = {"dotenv", "json", "yaml"};

/// Two secrets, with values that quotes and lines make trouble with.
struct Place : Workplace {
  Place() {
    done({"secret", "create", "db", "user=-"}, "app");
    done({"secret", "update", "db", "password=-"}, "it's \"a\"\n$HOME `id` \\n\n");
    done({"secret", "create", "api", "TOKEN=-", "--scope", "user"}, "t0ken");
  }
};

std::string values_of(const Workplace& place, const std::string& name) {
  return boost::json::serialize(place.done_json({"secret", "get", name, "--reveal"}).at("values"));
}

}  // namespace

TEST_SUITE("system/transfer_command") {
  TEST_CASE("what export writes import reads back exactly, in another store") {
    for (const std::string& format : kFormats) {
      CAPTURE(format);
      const Place from;
      const std::string file = from.done({"secret", "export", "--format", format});
      const Workplace to;
      CHECK(to.done({"secret", "import", "--format", format, "-"}, file) ==
            "NAME  SCOPE      KEYS  RESULT\napi   user       1     created\ndb    workspace  2     "
            "created\n");
      CHECK(values_of(to, "db") == values_of(from, "db"));
      CHECK(values_of(to, "api") == values_of(from, "api"));
      CHECK(to.done({"secret", "export", "--format", format}) == file);
    }
  }

  TEST_CASE("a shell and --from-env-file read a dotenv file as it is meant") {
    const Place place;
    place.done({"secret", "export", "db", "--format", "dotenv", "--file", "db.env"});
    place.done({"secret", "create", "again", "--from-env-file", "db.env"});
    CHECK(values_of(place, "again") == values_of(place, "db"));
    const Ended shell = place.run(
        {.words = {"run", "--map", "EXPECTED=db.password", "--", "/bin/sh", "-c",
                   "set -eu; . ./db.env; test \"$password\" = \"$EXPECTED\"; test \"$user\" = app; "
                   "echo same"}});
    CHECK(shell.out == "same\n");
  }

  TEST_CASE("PyYAML reads a YAML file as it is meant, if it is at hand") {
    const Place place;
    place.done({"secret", "create", "raw", "bytes=-"}, "\xff\xfe\x01");
    place.done({"secret", "export", "--format", "yaml", "--file", "all.yaml"});
    const char* const script =
        "import sys\n"
        "try:\n    import yaml\nexcept ImportError:\n    print('absent'); sys.exit()\n"
        "secrets = {s['name']: s['values'] for s in yaml.safe_load(open('all.yaml'))['secrets']}\n"
        "assert secrets['db']['password'] == 'it\\'s \"a\"\\n$HOME `id` \\\\n\\n', secrets\n"
        "assert secrets['raw']['bytes'] == b'\\xff\\xfe\\x01', secrets\n"
        "print('same')\n";
    place.write("read.py", script);
    const Ended python =
        place.run({.words = {"run", "--secret", "db", "--", "/usr/bin/env", "python3", "read.py"},
                   .environment = {{"PATH", "/usr/bin:/bin"}}});
    CAPTURE(python.err);
    CHECK((python.out == "same\n" || python.out == "absent\n"));
  }

  TEST_CASE("export takes the secrets that are named, of the scope that is named") {
    const Place place;
    const auto names = [&](Words words) {
      words.insert(words.begin(), {"secret", "export", "--format", "json"});
      std::string text;
      const boost::json::value file = boost::json::parse(place.done(words));
      for (const auto& secret : file.at("secrets").as_array())
        text += text_of(secret.at("name")) + " ";
      return text;
    };
    CHECK(names({}) == "api db ");
    CHECK(names({"db"}) == "db ");
    CHECK(names({"--scope", "user"}) == "api ");
    const Ended missing = place.kist({"secret", "export", "--format", "json", "db", "other"});
    CHECK(missing.exit_code == 4);
    CHECK(missing.out.empty());
  }

  TEST_CASE("AT-39: an exported file is for its owner alone, and never replaces another") {
    const Place place;
    const Ended written =
        place.kist({"secret", "export", "--format", "json", "--file", "secrets.json"});
    CHECK(written.exit_code == 0);
    CHECK(written.out.empty());
    CHECK(written.err == "kist: exported 2 secrets to 'secrets.json'\n");
    struct stat status {};
    REQUIRE(::stat((place.path() / "secrets.json").c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0600);

    place.write("there", "as it was");
    std::filesystem::create_symlink("nowhere", place.path() / "link");
    for (const std::string name : {"there", "link"}) {
      const Ended refused = place.kist({"secret", "export", "--format", "json", "--file", name});
      CHECK(refused.exit_code == 5);
      CHECK(refused.err == "kist: already_exists: cannot write file '" + name + "': File exists\n");
    }
    CHECK(read_file(place.path() / "there") == "as it was");
    CHECK_FALSE(std::filesystem::exists(place.path() / "nowhere"));
  }

  TEST_CASE("what a format cannot hold is refused before anything is written") {
    const Place place;
    place.done({"secret", "create", "raw", "bytes=-"}, "\xff\xfe");
    const Ended refused =
        place.kist({"secret", "export", "--format", "dotenv", "--file", "all.env"});
    CHECK(refused.exit_code == 2);
    CHECK(refused.err ==
          "kist: invalid_argument: key 'bytes' of secret 'raw' (workspace scope) cannot stand in a "
          "dotenv file: its value is no UTF-8; json and yaml can hold it\n");
    CHECK_FALSE(std::filesystem::exists(place.path() / "all.env"));
  }

  TEST_CASE("export on a terminal warns") {
    const Place place;
    TerminalProcess terminal(place, {"secret", "export", "db", "--format", "json"});
    terminal.wait_for("warning: values are shown on this terminal");
    CHECK(terminal.wait_for_end() == 0);
  }

  TEST_CASE("import can be repeated, and changes what is there only when told to") {
    const Place place;
    const std::string file = place.done({"secret", "export", "--format", "json"});
    CHECK(place.done({"secret", "import", "--format", "json", "-"}, file) ==
          "NAME  SCOPE      KEYS  RESULT\napi   user       1     unchanged\ndb    workspace  2     "
          "unchanged\n");
    place.done({"secret", "update", "db", "user=-", "more=-"}, "");
  }

  TEST_CASE("import without --update stores nothing if a secret is there with other values") {
    const Place place;
    const std::string file = place.done({"secret", "export", "--format", "json"});
    place.done({"secret", "update", "db", "user=-"}, "other");
    place.done({"secret", "delete", "api", "--yes"});
    const Words import = {"secret", "import", "--format", "json", "-"};
    const Ended refused = place.kist(import, file);
    CHECK(refused.exit_code == 5);
    CHECK(refused.err ==
          "kist: already_exists: nothing was imported: 1 of 2 secrets are there already with other "
          "values, secret 'db' (workspace scope) for one; --update changes them\n");
    CHECK(place.kist({"secret", "get", "api"}).exit_code == 4);

    Words with = import;
    with.push_back("--dry-run");
    CHECK(
        place.done(with, file) ==
        "NAME  SCOPE      KEYS  RESULT\napi   user       1     would be created\ndb    workspace  "
        "2     would be updated\n");
    CHECK(place.kist({"secret", "get", "api"}).exit_code == 4);
    with.back() = "--update";
    const auto done = place.done_json(with, file);
    CHECK(boost::json::serialize(done) ==
          R"({"dry_run":false,"secrets":[{"name":"api","scope":"user","result":"created"},)"
          R"({"name":"db","scope":"workspace","result":"updated"}]})");
    CHECK(place.done({"secret", "get", "db", "--key", "user"}) == "app");
  }

  TEST_CASE("--update makes a secret what the file says: keys that are not in it go") {
    const Place place;
    const std::string file = place.done({"secret", "export", "db", "--format", "yaml"});
    place.done({"secret", "update", "db", "extra=-"}, "x");
    place.done({"secret", "import", "--format", "yaml", "-", "--update"}, file);
    CHECK(values_of(place, "db").find("extra") == std::string::npos);
  }

  TEST_CASE("a wrong file is refused as a whole, with its place and never a value") {
    const Workplace place;
    struct Case {
      std::string format, text, message;
    };
    const Case cases[] = {
        {"json", R"({"secrets":[{"name":"a","values":{"k":"CANARY"}},{"name":" b"}]})",
         "standard input: secret ' b' (workspace scope): "},
        {"yaml", "secrets:\n  - name: a\n    values:\n      k: CANARY!\n",
         "standard input:4: a text has to stand between double quotes here"},
        {"dotenv", "A=CANARY\n", "standard input: the first value stands before any"},
        {"json", "", "standard input: this is no JSON"},
        {"xml", "", "--format is 'xml'; expected 'dotenv', 'json' or 'yaml'"},
    };
    for (const Case& item : cases) {
      CAPTURE(item.message);
      const Ended ended = place.kist({"secret", "import", "--format", item.format, "-"}, item.text);
      CHECK(ended.exit_code == 2);
      CHECK(ended.err.find(item.message) != std::string::npos);
      CHECK(ended.err.find("CANARY") == std::string::npos);
    }
    CHECK(place.done({"secret", "list"}).find("0 secrets") != std::string::npos);
    CHECK(place.kist({"secret", "import", "--format", "json", "none.json"}).exit_code == 4);
    CHECK(place.kist({"secret", "import", "--format", "json", "."}).exit_code == 2);
    CHECK(place.kist({"secret", "import", "a.json"}).err ==
          "kist: invalid_argument: give --format dotenv, json or yaml\n");
  }

  TEST_CASE("more secrets than a page are exported, and imported") {
    const Workplace place;
    std::string text = "{\"secrets\":[";
    for (int i = 0; i < 1100; ++i)
      text += std::string(i == 0 ? "" : ",") + R"({"name":"s)" + std::to_string(i) +
              R"(","values":{"k":")" + std::to_string(i) + "\"}}";
    place.done({"secret", "import", "--format", "json", "-"}, text + "]}");
    const auto exported = boost::json::parse(place.done({"secret", "export", "--format", "json"}));
    CHECK(exported.at("secrets").as_array().size() == 1100);
  }
}
