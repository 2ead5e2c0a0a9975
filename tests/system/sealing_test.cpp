// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include "kist_process.hpp"

using namespace kist::testing;
namespace fs = std::filesystem;

namespace {

constexpr std::string_view kStore = R"("secrets_store": {"type": "sqlite", "path": "secrets.db"})";

/// All bytes that lie in the workplace, but for the keys.
std::string bytes_of_store(const Workplace& workplace) {
  std::string bytes;
  for (const auto& entry : fs::directory_iterator(workplace.path())) {
    if (entry.path().filename() != "kist-keyring") bytes += read_file(entry.path());
  }
  return bytes;
}

std::string value_of(const Workplace& workplace, std::string_view name) {
  return workplace.done({"secret", "get", std::string(name), "--key", "password"});
}

void create(const Workplace& workplace, std::string_view name, std::string_view value) {
  workplace.done({"secret", "create", std::string(name), "password=-"}, value);
}

}  // namespace

TEST_SUITE("system/sealing") {
  TEST_CASE("the first start makes a key file, and says where it is and what losing it means") {
    const Workplace workplace;
    const std::string path = workplace.path() / "kist-keyring";
    const Ended first = workplace.kist({"secret", "list"});
    CHECK(first.exit_code == 0);
    CHECK(first.err == "kist: made the key file '" + path +
                           "': it opens every secret of this store, and without it they are lost; "
                           "keep a copy apart from the store\n");
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0600);
    CHECK(workplace.kist({"secret", "list"}).err.empty());

    const Workplace json;
    const Ended in_json = json.kist({"secret", "list", "--output", "json"});
    CHECK(boost::json::parse(in_json.err).as_object().contains("notice"));
  }

  TEST_CASE("a store on a disk holds no value, and gives it back") {
    const Workplace workplace;
    create(workplace, "db", "correct horse battery staple");
    CHECK(bytes_of_store(workplace).find("correct horse") == std::string::npos);
    CHECK(value_of(workplace, "db") == "correct horse battery staple");
    const auto sealing = workplace.done_json({"store", "info"}).at("sealing");
    CHECK(sealing.at("enabled").as_bool());
    CHECK(text_of(sealing.at("key")) == "k1");
  }

  TEST_CASE("AT-50: a keyring that was lost is not replaced by another") {
    const Workplace workplace;
    create(workplace, "db", "staple");
    const fs::path keyring = workplace.path() / "kist-keyring", kept = workplace.path() / "kept";
    fs::rename(keyring, kept);
    const Ended lost = workplace.kist({"secret", "list"});
    CHECK(lost.exit_code == 6);
    CHECK(lost.err == "kist: failed_precondition: keyring file '" + keyring.native() +
                          "' is missing, and without its keys the secrets of this deployment do "
                          "not open; restore it from your backup\n");
    CHECK(!fs::exists(keyring));

    workplace.write("kist-keyring", "k1 " + std::string(64, 'a') + "\n");
    const Ended wrong = workplace.kist({"secret", "list"});
    CHECK(wrong.exit_code == 6);
    CHECK(wrong.err.find("is not the key of that id") != std::string::npos);

    fs::rename(kept, keyring);
    CHECK(value_of(workplace, "db") == "staple");
  }

  TEST_CASE(
      "a store without its deployment file leaves nothing behind, and is restored by its id") {
    const Workplace workplace;
    create(workplace, "db", "staple");
    const std::string id = text_of(workplace.done_json({"store", "info"}).at("deployment_id"));
    const Workplace restored;
    fs::copy_file(workplace.path() / "secrets.db", restored.path() / "secrets.db");
    const Ended refused = restored.kist({"secret", "list"});
    CHECK(refused.exit_code == 6);
    CHECK(refused.err.find("holds the secrets of deployment " + id) != std::string::npos);
    CHECK(!fs::exists(restored.path() / "kist-keyring"));
    CHECK(!fs::exists(restored.path() / "kist-deployment.json"));

    fs::copy_file(workplace.path() / "kist-keyring", restored.path() / "kist-keyring");
    restored.configure(R"({"deployment_id": ")" + id + R"(", )" + std::string(kStore) + "}");
    CHECK(value_of(restored, "db") == "staple");
  }

  TEST_CASE("AT-50: a key that is not in the ring closes what it sealed, and nothing else") {
    const Workplace workplace;
    create(workplace, "old", "staple");
    workplace.done({"keys", "rotate"});
    create(workplace, "new", "battery");
    std::string lines = read_file(workplace.path() / "kist-keyring");
    const std::size_t old_key = lines.find("\nk1 ") + 1;
    lines.erase(old_key, lines.find('\n', old_key) + 1 - old_key);
    workplace.write("kist-keyring", lines);

    CHECK(value_of(workplace, "new") == "battery");
    // An older copy would seal with a key that was given up.
    workplace.write("kist-keyring", "k1 " + std::string(64, 'a') + "\n");
    CHECK(workplace.kist({"secret", "list"}).err.find("key 'k2', which sealed the last secrets") !=
          std::string::npos);
    workplace.write("kist-keyring", lines);
    const Ended closed = workplace.kist({"secret", "get", "old", "--key", "password"});
    CHECK(closed.exit_code == 6);
    CHECK(closed.err.find("the value of key 'password' cannot be opened: it is sealed with key "
                          "'k1', which is not in the keyring") != std::string::npos);
    CHECK(workplace.done({"secret", "list"}).find("old") != std::string::npos);
    CHECK(workplace.kist({"secret", "update", "old", "--rename", "older"}).exit_code == 6);
    workplace.done({"secret", "update", "old", "--replace", "password=-"}, "again");
    CHECK(value_of(workplace, "old") == "again");
    workplace.done({"secret", "delete", "old", "--yes"});
  }

  TEST_CASE("with sealing off, a sealed value is refused and not served as it lies there") {
    const Workplace workplace;
    create(workplace, "db", "staple");
    workplace.configure("{" + std::string(kStore) + R"(, "sealing": {"enabled": false}})");
    const Ended refused = workplace.kist({"secret", "get", "db", "--key", "password"});
    CHECK(refused.exit_code == 6);
    CHECK(refused.out.empty());
    CHECK(refused.err.find("is sealed with key 'k1', and sealing is off for this store") !=
          std::string::npos);
    create(workplace, "plain", "in the clear");
    CHECK(value_of(workplace, "plain") == "in the clear");
    CHECK(bytes_of_store(workplace).find("in the clear") != std::string::npos);

    workplace.configure("{" + std::string(kStore) + "}");
    CHECK(value_of(workplace, "db") == "staple");
    const Ended unsealed = workplace.kist({"secret", "get", "plain", "--key", "password"});
    CHECK(unsealed.exit_code == 9);
    CHECK(
        unsealed.err.find("cannot be opened: it is not sealed, so it was stored before sealing was "
                          "switched on ('kist keys rewrap --seal-unsealed' seals such values), or "
                          "by somebody else\n") != std::string::npos);
  }

  TEST_CASE("a store that forgets has a key of its own, and no file") {
    const Workplace workplace(R"("type": "memory")");
    CHECK(text_of(workplace.done_json({"store", "info"}).at("sealing").at("key")) == "ephemeral");
    CHECK(!fs::exists(workplace.path() / "kist-keyring"));
  }

  TEST_CASE("AT-50: a current key that cannot be had stops the store, and stands in the list") {
    const Workplace workplace;
    workplace.configure("{" + std::string(kStore) +
                        R"(, "sealing": {"keys": [{"id": "k1", "environment": "GONE"}]}})");
    const Ended refused = workplace.kist({"secret", "list"});
    CHECK(refused.exit_code == 6);
    CHECK(refused.err ==
          "kist: failed_precondition: the current key 'k1' of the keyring cannot be had: "
          "environment variable 'GONE' is not set\n");
    const std::string listed = workplace.done({"keys", "list"});
    CHECK(listed.find("environment variable 'GONE' is not set") != std::string::npos);
  }

  TEST_CASE("keys come from a variable, a command and a credential") {
    const Workplace workplace;
    const std::string key(64, 'b');
    workplace.write("command", "k2 " + std::string(64, 'c') + "\n");
    fs::create_directory(workplace.path() / "credentials");
    workplace.write("credentials/k3", std::string(64, 'd'));
    workplace.configure("{" + std::string(kStore) + R"(, "sealing": {"current": "k1", "keys": [
        {"id": "k1", "environment": "KIST_TEST_KEY"},
        {"id": "k2", "command": ["/bin/cat", ")" +
                        (workplace.path() / "command").native() + R"("]},
        {"id": "k3", "credential": "k3"}]}})");
    const std::string credentials = workplace.path() / "credentials";
    const Start start{
        .words = {"keys", "list", "--output", "json"},
        .environment = {{"KIST_TEST_KEY", key}, {"CREDENTIALS_DIRECTORY", credentials}}};
    const Ended listed = workplace.run(start);
    CHECK(listed.exit_code == 0);
    CHECK(listed.err.empty());
    const auto keys = boost::json::parse(listed.out);
    CHECK(listed.out.find(key) == std::string::npos);
    CHECK(keys.at("keys").as_array().size() == 3);
    for (const auto& row : keys.at("keys").as_array()) CHECK(text_of(row.at("state")) == "ok");
  }
}
