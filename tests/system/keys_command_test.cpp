// SPDX-License-Identifier: Apache-2.0
#include <sqlite3.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <doctest/doctest.h>

#include "kist_process.hpp"
#include "terminal_process.hpp"
#include "write_lock.hpp"

using namespace kist::testing;
namespace fs = std::filesystem;

namespace {

/// The store finds values in its file that it cannot have written.
void damage_secret(const fs::path& database, const std::string& name) {
  ::sqlite3* connection = nullptr;
  REQUIRE(::sqlite3_open(database.c_str(), &connection) == SQLITE_OK);
  const std::string statement =
      "UPDATE secret_values SET content = x'ff' WHERE secret_id = (SELECT id FROM secrets WHERE "
      "name = '" +
      name + "')";
  CHECK(::sqlite3_exec(connection, statement.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  CHECK(::sqlite3_changes(connection) == 1);
  ::sqlite3_close(connection);
}

std::string name_of(int number) { return "s" + std::to_string(number); }

/// Secrets s1, s2 … whose ids are in that order, each with the value of k that is its name.
void create_secrets(const Workplace& workplace, int count) {
  for (int i = 1; i <= count; ++i)
    workplace.done({"secret", "create", name_of(i), "k=-", "--id",
                    "00000000-0000-4000-8000-00000000000" + std::to_string(i)},
                   name_of(i));
}

std::string value_of(const Workplace& workplace, const std::string& name) {
  return workplace.done({"secret", "get", name, "--key", "k"});
}

/// Takes the line of a key out of the keyring: what still needs it does not open then.
void forget_key(const Workplace& workplace, const std::string& id) {
  std::string text = read_file(workplace.path() / "kist-keyring");
  const std::size_t begin = text.find("\n" + id + " ") + 1;
  REQUIRE(begin != 0);
  text.erase(begin, text.find('\n', begin) + 1 - begin);
  workplace.write("kist-keyring", text);
}

/// "scanned rewrapped skipped unsealed failed remaining".
std::string counts_of(const boost::json::value& result) {
  std::string text;
  for (const char* const name :
       {"scanned", "rewrapped", "skipped", "unsealed", "failed", "remaining"})
    text += (text.empty() ? "" : " ") + text_of(result.at(name));
  return text;
}

std::string rewrap(const Workplace& workplace, const Words& more = {}) {
  Words words{"keys", "rewrap"};
  words.insert(words.end(), more.begin(), more.end());
  return counts_of(workplace.done_json(words));
}

/// "k1=3 k2=0", with a * behind the current one.
std::string usage_of(const Workplace& workplace) {
  std::string text;
  const auto list = workplace.done_json({"keys", "list", "--usage"});
  for (const auto& key : list.at("keys").as_array())
    text += (text.empty() ? "" : " ") + text_of(key.at("id")) +
            (key.at("current").as_bool() ? "*=" : "=") + text_of(key.at("values"));
  return text;
}

/// kist.json with this "sealing".
void configure_sealing(const Workplace& workplace, const std::string& sealing) {
  workplace.configure(R"({"secrets_store": {"type": "sqlite", "path": "secrets.db"}, "sealing": )" +
                      sealing + "}\n");
}

mode_t mode_of(const fs::path& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

}  // namespace

TEST_SUITE("system/keys_command") {
  TEST_CASE("after a rotation and a rewrap, the old key is needed no more") {
    const Workplace workplace;
    create_secrets(workplace, 3);
    CHECK(usage_of(workplace) == "k1*=3");
    const auto made = workplace.done_json({"keys", "rotate"});
    CHECK(made.at("id") == "k2");
    CHECK(text_of(made.at("keyring")) == (workplace.path() / "kist-keyring").native());
    CHECK(usage_of(workplace) == "k1=3 k2*=0");
    workplace.done({"secret", "update", "s2", "k=-"}, "changed");
    CHECK(usage_of(workplace) == "k1=2 k2*=1");
    const auto before = workplace.done_json({"secret", "get", "s1"});
    CHECK(rewrap(workplace, {"--dry-run"}) == "3 2 1 0 0 0");
    CHECK(usage_of(workplace) == "k1=2 k2*=1");
    CHECK(rewrap(workplace) == "3 2 1 0 0 0");
    CHECK(rewrap(workplace) == "3 0 3 0 0 0");
    CHECK(usage_of(workplace) == "k1=0 k2*=3");
    const auto after = workplace.done_json({"secret", "get", "s1"});
    CHECK(after.at("updated") == before.at("updated"));
    CHECK(after.at("revision").as_int64() == before.at("revision").as_int64() + 1);
    forget_key(workplace, "k1");
    CHECK(value_of(workplace, "s1") == "s1");
    CHECK(value_of(workplace, "s2") == "changed");
    CHECK(value_of(workplace, "s3") == "s3");
    CHECK(usage_of(workplace) == "k2*=3");
  }

  TEST_CASE("a limited rewrap is repeated until none remains") {
    const Workplace workplace;
    create_secrets(workplace, 5);
    workplace.done({"keys", "rotate"});
    CHECK(rewrap(workplace, {"--limit", "2"}) == "2 2 0 0 0 3");
    CHECK(rewrap(workplace, {"--limit", "2"}) == "4 2 2 0 0 1");
    CHECK(usage_of(workplace) == "k1=1 k2*=4");
    CHECK(rewrap(workplace, {"--limit", "2"}) == "5 1 4 0 0 0");
    CHECK(usage_of(workplace) == "k1=0 k2*=5");
    const Ended wrong = workplace.kist({"keys", "rewrap", "--limit", "0"});
    CHECK(wrong.exit_code == 2);
    CHECK(wrong.err ==
          "kist: invalid_argument: --limit is '0'; expected a whole number of secrets from 1\n");
  }

  TEST_CASE("a secret whose key is lost is named, the others are rewrapped, and the key is shown") {
    const Workplace workplace;
    create_secrets(workplace, 1);
    workplace.done({"keys", "rotate"});
    workplace.done({"secret", "create", "later", "k=v"});
    workplace.done({"keys", "rotate"});
    forget_key(workplace, "k1");
    const Ended ended = workplace.kist({"keys", "rewrap"});
    CHECK(ended.exit_code == 6);
    CHECK(ended.err ==
          "kist: warning: failed_precondition: secret 00000000-0000-4000-8000-000000000001: the "
          "value of key 'k' cannot be opened: it is sealed with key 'k1', which is not in the "
          "keyring\n"
          "kist: 2 of 2: rewrapped 1, skipped 0, unsealed 0, failed 1\n");
    CHECK(ended.out ==
          "scanned    2\nrewrapped  1\nskipped    0\nunsealed   0\nfailed     1\nremaining  0\n"
          "Standard error names those that failed; take no key out of the keyring while there are "
          "any.\n");
    CHECK(usage_of(workplace) == "k2=0 k3*=1 k1=1");
    CHECK(workplace.done({"keys", "list", "--usage"})
              .ends_with("1       not in the keyring: its values do not open\n"));
    CHECK(value_of(workplace, "later") == "v");
  }

  TEST_CASE("a secret that the store cannot read is named, and the numbers are not all there is") {
    const Workplace workplace;
    create_secrets(workplace, 2);
    damage_secret(workplace.path() / "secrets.db", "s2");
    const std::string name =
        "sqlite: the values of secret 00000000-0000-4000-8000-000000000002 cannot be read from the "
        "database";
    const Ended table = workplace.kist({"keys", "list", "--usage"});
    CHECK(table.exit_code == 9);
    CHECK(table.err == "kist: warning: corrupt: " + name + "\n");
    CHECK(table.out.ends_with(
        "  1       ok\n1 secret that the store cannot read: what is under its keys is not in "
        "VALUES\n"));
    const Ended json = workplace.kist({"keys", "list", "--usage", "--output", "json"});
    CHECK(json.exit_code == 9);
    CHECK(json.json().at("unreadable_secrets") == 1);
    CHECK(json.json().at("complete") == false);
    const Ended rewrap = workplace.kist({"keys", "rewrap"});
    CHECK(rewrap.exit_code == 9);
    CHECK(rewrap.err.starts_with("kist: warning: corrupt: " + name + "\n"));
  }

  TEST_CASE("values from before the sealing are counted and left, unless they are to be sealed") {
    const Workplace workplace;
    configure_sealing(workplace, R"({"enabled": false})");
    create_secrets(workplace, 1);
    configure_sealing(workplace, R"({"enabled": true})");
    workplace.done({"secret", "create", "later", "k=v"});
    const auto list = workplace.done_json({"keys", "list", "--usage"});
    CHECK(list.at("unsealed_values") == 1);
    CHECK(list.at("damaged_values") == 0);
    CHECK(list.at("unreadable_secrets") == 0);
    CHECK(list.at("complete") == true);
    CHECK(rewrap(workplace) == "2 0 2 1 0 0");
    CHECK(workplace.kist({"secret", "get", "s1"}).exit_code == 9);
    CHECK(rewrap(workplace, {"--seal-unsealed"}) == "2 1 1 0 0 0");
    CHECK(value_of(workplace, "s1") == "s1");
    CHECK(usage_of(workplace) == "k1*=2");
  }

  TEST_CASE("the keys of a store that is not sealed are shown with a warning, if there are any") {
    const Workplace workplace;
    configure_sealing(workplace, R"({"enabled": false})");
    const std::string warning =
        "kist: warning: the values of this store are not sealed: 'sealing.enabled' is false\n";
    const Ended none = workplace.kist({"keys", "list"});
    CHECK(none.exit_code == 0);
    CHECK(none.err == warning);
    CHECK(none.out == "ID  CURRENT  SOURCE  FINGERPRINT  CREATED  STATE\n");
    configure_sealing(workplace, R"({"enabled": true})");
    create_secrets(workplace, 1);
    configure_sealing(workplace, R"({"enabled": false})");
    CHECK(usage_of(workplace) == "k1*=1");
    CHECK(workplace.kist({"keys", "rotate"}).err == warning);
  }

  TEST_CASE("a rewrap goes on while others read and write, with the old key too") {
    const Workplace workplace;
    constexpr int kSecrets = 4, kWrites = 6;
    create_secrets(workplace, kSecrets);
    workplace.done({"keys", "rotate"});
    // A host that has not been started again.
    workplace.write("old.json", R"({"secrets_store": {"type": "sqlite", "path": "secrets.db"},
                                    "sealing": {"current": "k1"}})");
    std::atomic<int> failed{0};
    std::atomic<bool> done{false};
    const auto run = [&](const Words& words) {
      const Ended ended = workplace.kist(words);
      if (ended.exit_code == 0) return ended.out;
      ++failed;
      MESSAGE(ended.err);
      return std::string();
    };
    std::thread writer([&] {
      for (int i = 0; i < kWrites; ++i)
        run({"secret", "update", name_of(1 + i % kSecrets), "k=" + std::to_string(i), "--config",
             i % 2 == 0 ? "old.json" : "kist.json"});
      done = true;
    });
    std::thread reader([&] {
      while (!done) {
        for (int i = 1; i <= kSecrets; ++i) {
          if (run({"secret", "get", name_of(i), "--key", "k"}).empty()) ++failed;
        }
      }
    });
    while (!done) run({"keys", "rewrap"});
    writer.join();
    reader.join();
    CHECK(failed == 0);
    run({"keys", "rewrap"});
    CHECK(usage_of(workplace) == "k1=0 k2*=4");
    forget_key(workplace, "k1");
    for (const char* const name_and_value : {"s1=4", "s2=5", "s3=2", "s4=3"}) {
      const std::string text = name_and_value;
      CHECK(value_of(workplace, text.substr(0, 2)) == text.substr(3));
    }
  }

  TEST_CASE(
      "AT-50: a rewrap that is killed in its middle has done no harm, and the next finishes") {
    const Workplace workplace;
    create_secrets(workplace, 4);
    workplace.done({"keys", "rotate"});
    CHECK(rewrap(workplace, {"--limit", "2"}) == "2 2 0 0 0 2");
    {
      const WriteLock lock(workplace.path() / "secrets.db");
      TerminalProcess kist(workplace, {"keys", "rewrap"});
      kist.wait_for("skipped 1");
    }  // SIGKILL: it has come to, or waits in, the write of the third.
    for (int i = 1; i <= 4; ++i) CHECK(value_of(workplace, name_of(i)) == name_of(i));
    CHECK(rewrap(workplace).ends_with(" 0 0 0"));
    CHECK(usage_of(workplace) == "k1=0 k2*=4");
    forget_key(workplace, "k1");
    for (int i = 1; i <= 4; ++i) CHECK(value_of(workplace, name_of(i)) == name_of(i));
  }

  TEST_CASE("an interrupted rewrap clears its line, and says how far it has come") {
    const Workplace workplace;
    create_secrets(workplace, 2);
    workplace.done({"keys", "rotate"});
    CHECK(rewrap(workplace, {"--limit", "1"}) == "1 1 0 0 0 1");
    const WriteLock lock(workplace.path() / "secrets.db");
    TerminalProcess kist(workplace, {"keys", "rewrap"});
    kist.wait_for("skipped 1");
    kist.interrupt();
    CHECK(kist.wait_for_end() == 7);
    CHECK(kist.shows_input());
    const std::string& screen = kist.screen();
    CAPTURE(screen);
    CHECK(screen.find("\r[==========          ]  50%  ") != std::string::npos);
    CHECK(screen.find("\r\x1b[Kscanned    1\r\nrewrapped  0\r\nskipped    1\r\n") !=
          std::string::npos);
    CHECK(screen.find("remaining  1\r\n") != std::string::npos);
    CHECK(screen.find("kist: cancelled: ") != std::string::npos);
  }

  TEST_CASE("where standard error is no terminal there is no drawing, and a line of counters") {
    const Workplace workplace;
    create_secrets(workplace, 2);
    const Ended table = workplace.kist({"keys", "rewrap"});
    CHECK(table.err == "kist: 2 of 2: rewrapped 0, skipped 2, unsealed 0, failed 0\n");
    CHECK(table.out ==
          "scanned    2\nrewrapped  0\nskipped    2\nunsealed   0\nfailed     0\nremaining  0\n");
    const Ended json = workplace.kist({"keys", "rewrap", "--output", "json"});
    CHECK(json.err ==
          "{\"progress\":{\"done\":2,\"total\":2,\"rewrapped\":0,\"skipped\":2,\"unsealed\":0,"
          "\"failed\":0}}\n");
    CHECK(json.out ==
          "{\"scanned\":2,\"rewrapped\":0,\"skipped\":2,\"unsealed\":0,\"failed\":0,"
          "\"remaining\":0,\"dry_run\":false}\n");
  }

  TEST_CASE(
      "AT-38: init makes a file for its owner alone, says what it is worth, and keeps another") {
    const Workplace workplace;
    const std::string file = (workplace.path() / "kist-keyring").native();
    const ::mode_t umask_before = ::umask(0);
    const std::string said = workplace.done({"keys", "init"});
    ::umask(umask_before);
    CHECK(mode_of(file) == 0600);
    const std::string text = read_file(file);
    const std::string fingerprint =
        text_of(workplace.done_json({"keys", "list"}).at("keys").at(0).at("fingerprint"));
    CHECK(fingerprint.size() == 8);
    CHECK(said == "Made keyring file '" + file + "' with key 'k1', fingerprint " + fingerprint +
                      ".\nIt opens every secret that is sealed with it, and without it they are "
                      "lost: keep a copy, apart from the store and its backups.\n");
    const Ended again = workplace.kist({"keys", "init"});
    CHECK(again.exit_code == 5);
    CHECK(again.err == "kist: already_exists: keyring file '" + file + "' is there already\n");
    CHECK(read_file(file) == text);
    CHECK(!fs::exists(workplace.path() / "secrets.db"));
    const Ended first_use = workplace.kist({"secret", "create", "s", "k=-"});
    CHECK(first_use.err.empty());  // No other key was made.
    workplace.done({"keys", "rotate"});
    CHECK(mode_of(file) == 0600);
    CHECK(read_file(file).starts_with(text));
  }

  TEST_CASE("init --file makes a keyring anywhere, and shows the line that names it") {
    const Workplace workplace(R"("type": "none")");
    const std::string file = (workplace.path() / "a \"b\"").native();
    const std::string said = workplace.done({"keys", "init", "--file", "a \"b\""});
    const std::string line =
        "\"sealing\": { \"keyring\": \"" + (workplace.path() / "a \\\"b\\\"").native() + "\" }";
    CHECK(said.ends_with("To use it, kist.json must say:\n  " + line + "\n"));
    workplace.configure("{\"secrets_store\": {\"type\": \"sqlite\", \"path\": \"s.db\"}, " + line +
                        "}");
    workplace.done({"secret", "create", "s", "k=-"}, "v");
    CHECK(text_of(workplace.done_json({"keys", "list"}).at("keys").at(0).at("source")) ==
          "keyring file '" + file + "'");
    CHECK(!fs::exists(workplace.path() / "kist-keyring"));
  }

  TEST_CASE("list shows each key, where it comes from, and why it cannot be had") {
    const Workplace workplace;
    workplace.done({"keys", "init"});
    configure_sealing(workplace, R"({"keyring": "kist-keyring",
                                     "keys": [{"id": "gone", "environment": "NO_SUCH_KEY"}]})");
    const auto list = workplace.done_json({"keys", "list"});
    const auto& keys = list.at("keys").as_array();
    REQUIRE(keys.size() == 2);
    CHECK(keys.at(0).at("id") == "k1");
    CHECK(keys.at(0).at("current") == true);
    CHECK(keys.at(0).at("state") == "ok");
    CHECK(text_of(keys.at(0).at("created")).starts_with("20"));
    CHECK(keys.at(1).at("id") == "gone");
    CHECK(keys.at(1).at("current") == false);
    CHECK(keys.at(1).at("source") == "environment variable 'NO_SUCH_KEY'");
    CHECK(keys.at(1).at("fingerprint").is_null());
    CHECK(keys.at(1).at("created").is_null());
    CHECK(keys.at(1).at("state") == "environment variable 'NO_SUCH_KEY' is not set");
    CHECK(workplace.done({"keys", "list"}).starts_with("ID    CURRENT  SOURCE"));
    CHECK(!fs::exists(workplace.path() / "secrets.db"));
  }

  TEST_CASE("list says which key is not the one that the deployment was sealed with") {
    const Workplace workplace;
    create_secrets(workplace, 1);
    workplace.write("kist-keyring", "k1 " + std::string(64, 'a') + "\n");
    const auto state = workplace.done_json({"keys", "list"}).at("keys").at(0).at("state");
    CHECK(text_of(state).find(" is not the key of that id that deployment ") != std::string::npos);
  }

  TEST_CASE(
      "a rotation gives no id that another key has had, even if that one is not in the file") {
    const Workplace workplace;
    create_secrets(workplace, 1);
    const std::string backup = read_file(workplace.path() / "kist-keyring");
    CHECK(workplace.done_json({"keys", "rotate"}).at("id") == "k2");
    workplace.done({"secret", "update", "s1", "k=-"}, "under k2");
    workplace.write("kist-keyring", backup);
    CHECK(workplace.done_json({"keys", "rotate"}).at("id") == "k3");
    workplace.done({"secret", "create", "later", "k=-"}, "v");
    CHECK(usage_of(workplace) == "k1=0 k3*=1 k2=1");
  }

  TEST_CASE("a store whose key is lost goes on with a new one of another id") {
    const Workplace workplace;
    create_secrets(workplace, 1);
    fs::remove(workplace.path() / "kist-keyring");
    CHECK(workplace.kist({"secret", "create", "t", "k=-"}).exit_code == 6);
    workplace.done({"keys", "init", "--id", "new"});
    workplace.done({"secret", "create", "t", "k=-"}, "v");
    CHECK(usage_of(workplace) == "new*=1 k1=1");
    const Ended wrong = workplace.kist({"keys", "init", "--id", "a b"});
    CHECK(wrong.exit_code == 2);
    CHECK(wrong.err ==
          "kist: invalid_argument: --id is 'a b'; expected 1 to 64 of a-z A-Z 0-9 . _ -\n");
  }

  TEST_CASE("what cannot be done is refused with what to do instead") {
    const Workplace workplace;
    const std::string file = "keyring file '" + (workplace.path() / "kist-keyring").native() + "'";
    const std::string found = "'kist.json'";
    const auto refused = [&](const Words& words, int exit_code, const std::string& err) {
      const Ended ended = workplace.kist(words);
      CHECK(ended.exit_code == exit_code);
      CHECK(ended.err == "kist: " + err + "\n");
    };
    refused({"keys", "list"}, 6,
            "failed_precondition: " + file +
                " does not exist yet; it is made when the store is opened for the first time, or "
                "by 'kist keys init'");
    refused({"keys", "rotate"}, 6,
            "failed_precondition: " + file +
                " does not exist, so there is no key to follow; make it with 'kist keys init'");
    create_secrets(workplace, 1);
    configure_sealing(workplace, R"({"current": "k1"})");
    refused({"keys", "rotate"}, 6,
            "failed_precondition: a new key in " + file +
                " would not become the current one: 'sealing.current' of " + found +
                " is 'k1'\n  take  \"current\": \"k1\"  out of \"sealing\" there, and repeat 'kist "
                "keys rotate'\n  or add a key that is not current yet, for several hosts that "
                "share the "
                "store: 'kist keys rotate --add-only'");
    configure_sealing(workplace, R"({"enabled": false})");
    refused({"keys", "rewrap"}, 6,
            "failed_precondition: the values of this store are not sealed, so there is nothing to "
            "rewrap");
    const std::string text = read_file(workplace.path() / "kist-keyring");
    fs::remove(workplace.path() / "kist-keyring");
    configure_sealing(workplace, R"({"enabled": true})");
    refused({"keys", "init"}, 6,
            "failed_precondition: " + file +
                " is missing, and this deployment was sealed with another key 'k1', for which a "
                "new one "
                "is no replacement; restore the file from your backup, or, if it is lost for good, "
                "give "
                "the new key an id of its own with --id");
    refused({"keys", "rotate"}, 6,
            "failed_precondition: " + file + " is missing; restore it from your backup");
    CHECK(!fs::exists(workplace.path() / "kist-keyring"));
  }

  TEST_CASE("keys that come from elsewhere, or from nowhere, are not made here") {
    const Workplace workplace;
    const auto refused = [&](const Words& words, const std::string& err) {
      const Ended ended = workplace.kist(words);
      CHECK(ended.exit_code == 6);
      CHECK(ended.err == "kist: failed_precondition: " + err + "\n");
    };
    configure_sealing(workplace, R"({"keys": [{"id": "a", "environment": "A"}]})");
    const std::string place = "kist.json:1:82";
    refused({"keys", "init"},
            "there is no keyring file: all keys come from 'sealing.keys' (" + place + ")");
    refused(
        {"keys", "rotate"},
        "the current key 'a' is environment variable 'A', as " + place +
            " says, and Kist makes keys in keyring files only\n"
            "  make a new key there, and add it to \"keys\" of \"sealing\" in 'kist.json' "
            "beside the old one, with an id of its own\n"
            "  then say  \"current\": \"<its id>\"  in \"sealing\", and run 'kist keys rewrap'");
    workplace.configure(R"({"secrets_store": {"type": "memory"}})");
    const std::string forgets =
        "store type 'memory' forgets its secrets when a process ends, and so the key that each "
        "process makes for them is in no file";
    refused({"keys", "init"}, forgets);
    refused({"keys", "rotate"}, forgets);
    workplace.configure(R"({"secrets_store": {"type": "none"}})");
    const std::string off = "secrets are switched off: the configuration says \"type\": \"none\"";
    for (const char* const word : {"init", "list", "rotate", "rewrap"})
      refused({"keys", word}, off);
    refused({"keys", "list", "--usage"}, off);
  }
}
