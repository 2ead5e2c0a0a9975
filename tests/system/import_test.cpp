// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <doctest/doctest.h>

#include "../unit/import/zenml_file.hpp"
#include "kist_process.hpp"

using namespace kist::testing;
using kist::core::testing::base64;
using kist::core::testing::encrypted;
using kist::core::testing::kPrivateTable;
using kist::core::testing::ZenmlFile;

namespace {

constexpr const char* kKey = "canary-of-the-key";
constexpr const char* kValue = "canary-of-the-value";
constexpr const char* kRefusal = "its values do not decrypt with the key that is given";

/// A ZenML database of three secrets, and an empty store.
struct ImportPlace {
  ImportPlace() : zenml(kPrivateTable) {
    const std::string values = encrypted(std::string(R"({"password": ")") + kValue + "\"}", kKey);
    zenml.add({.values = "'" + values + "'"});
    zenml.add({.id = "'0000000000004000800000000000000b'",
               .name = "'mail'",
               .is_private = "1",
               .user = "'def00000000040008000000000000003'",
               .created = "'2023-05-04 12:34:57'",
               .values = "'" + values + "'"});
    zenml.add({.id = "'0000000000004000800000000000000c'",
               .name = "'connector'",
               .created = "'2023-05-04 12:34:58'",
               .values = "'" + values + "'",
               .internal = "1"});
    place.write("key", std::string(kKey) + "\n");
  }

  Words words(const Words& more) const {
    Words words{"import", "zenml-sql", zenml.path().native()};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  Ended import(const Words& more) const {
    Ended ended = place.kist(words(more));
    for (const char* canary : {kKey, kValue})
      CHECK((ended.out + ended.err).find(canary) == std::string::npos);
    return ended;
  }
  boost::json::value import_json(Words more) const {
    more.insert(more.end(), {"--output", "json"});
    return import(more).json();
  }
  std::int64_t secrets() const {
    return place.done_json({"secret", "list"}).at("total").to_number<std::int64_t>();
  }

  ZenmlFile zenml;
  Workplace place;
};

}  // namespace

TEST_SUITE("system/import") {
  TEST_CASE("an import shows what it would do, does it, and can be repeated") {
    const ImportPlace at;
    const Ended shown = at.import({"--encryption-key-file", "key"});
    CHECK(shown.exit_code == 0);
    CHECK(
        shown.out ==
        "NAME       SCOPE      WORKSPACE  OWNER                                 ID               "
        "                     RESULT\n"
        "db         workspace  default    a11ce000-0000-4000-8000-000000000001  "
        "00000000-0000-4000-8000-00000000000a  to import\n"
        "mail       user       default    default                               "
        "00000000-0000-4000-8000-00000000000b  to import\n"
        "connector                                                              "
        "00000000-0000-4000-8000-00000000000c  left out: it is internal to ZenML: the credentials "
        "of a service connector\n"
        "2 to import, 0 imported before, 1 left out, 0 refused\n"
        "2 decrypted with --encryption-key-file 'key'\n"
        "Nothing was imported. To import, repeat the command with --yes.\n");
    CHECK(at.secrets() == 0);

    const Ended done = at.import({"--encryption-key-file", "key", "--yes"});
    CHECK(done.exit_code == 0);
    CHECK(
        done.out.ends_with("2 imported, 0 imported before, 1 left out, 0 refused\n"
                           "2 decrypted with --encryption-key-file 'key'\n"));
    CHECK(done.err.find("refused") == std::string::npos);
    CHECK(at.place.done({"secret", "get", "db", "--key", "password"}) == kValue);
    const auto secret = at.place.done_json({"secret", "get", "db", "--reveal"});
    CHECK(text_of(secret.at("id")) == "00000000-0000-4000-8000-00000000000a");
    CHECK(text_of(secret.at("user")) == "a11ce000-0000-4000-8000-000000000001");
    CHECK(text_of(secret.at("created")) == "2023-05-04T12:34:56.123456Z");
    CHECK(text_of(secret.at("updated")) == "2024-01-02T03:04:05.000007Z");
    CHECK(text_of(secret.at("values").at("password")) == kValue);
    CHECK(at.place.done({"secret", "get", "mail", "--scope", "user", "--key", "password"}) ==
          kValue);

    const Ended again = at.import({"--encryption-key-file", "key", "--yes"});
    CHECK(again.exit_code == 0);
    CHECK(again.out.find("0 imported, 2 imported before, 1 left out, 0 refused\n") !=
          std::string::npos);
    CHECK(at.secrets() == 2);
  }

  TEST_CASE("programs get the same as JSON") {
    const ImportPlace at;
    const auto report = at.import_json({"--encryption-key-file", "key"});
    CHECK(report.at("dry_run").as_bool());
    CHECK(report.at("counts").at("importable") == 2);
    CHECK(report.at("counts").at("left_out") == 1);
    CHECK(text_of(report.at("keys").at(0).at("from")) == "--encryption-key-file 'key'");
    CHECK(report.at("keys").at(0).at("decrypted") == 2);
    const auto& secret = report.at("secrets").at(0);
    CHECK(text_of(secret.at("name")) == "db");
    CHECK(text_of(secret.at("result")) == "importable");
    CHECK(!secret.at("owner_is_known").as_bool());
    CHECK(text_of(report.at("secrets").at(2).at("scope")) == "null");
  }

  TEST_CASE("a key comes from the environment too, and several are tried in turn") {
    const ImportPlace at;
    at.place.write("old", "another key");
    const Ended ended = at.place.run(
        {.words = at.words({"--encryption-key-file", "old", "--encryption-key-env", "ZENML_KEY"}),
         .environment = {{"ZENML_KEY", kKey}}});
    CHECK(ended.exit_code == 0);
    CHECK(ended.out.find("0 decrypted with --encryption-key-file 'old'\n"
                         "2 decrypted with --encryption-key-env 'ZENML_KEY'\n") !=
          std::string::npos);
    CHECK(at.import({"--encryption-key-env", "ABSENT"}).err ==
          "kist: not_found: there is no environment variable 'ABSENT', which --encryption-key-env "
          "names\n");
    at.place.write("empty", "\n");
    CHECK(at.import({"--encryption-key-file", "empty"}).err ==
          "kist: invalid_argument: the key of --encryption-key-file 'empty' is empty\n");
  }

  TEST_CASE("a key that does not open all stops the import before it begins") {
    const ImportPlace at;
    at.zenml.run("UPDATE secret SET \"values\" = '" + encrypted("{}", "another key") +
                 "' WHERE name = 'mail'");
    CHECK(at.import({"--encryption-key-file", "key"}).exit_code == 9);
    const Ended stopped = at.import({"--encryption-key-file", "key", "--yes"});
    CHECK(stopped.exit_code == 6);
    CHECK(stopped.err ==
          "kist: failed_precondition: nothing was imported: 1 of 3 secrets cannot be decrypted; "
          "give their key as well, or import the others with --skip-undecryptable\n");
    CHECK(at.secrets() == 0);
    const auto report =
        at.import_json({"--encryption-key-file", "key", "--yes", "--skip-undecryptable"});
    CHECK(report.at("counts").at("imported") == 1);
    CHECK(text_of(report.at("secrets").at(1).at("result")) == "left_out");
    CHECK(text_of(report.at("secrets").at(1).at("reason")) == kRefusal);
    CHECK(at.secrets() == 1);
  }

  TEST_CASE("a secret that is refused makes the exit code, and the others are imported") {
    const ImportPlace at;
    at.place.done({"secret", "create", "db"});
    const Ended ended = at.import({"--encryption-key-file", "key", "--yes"});
    CHECK(ended.exit_code == 5);
    CHECK(ended.out.find("refused: its name is taken in the store by secret ") !=
          std::string::npos);
    CHECK(ended.out.find("1 imported, 0 imported before, 1 left out, 1 refused\n") !=
          std::string::npos);
    CHECK(at.secrets() == 2);
  }

  TEST_CASE("secrets that nobody would see are pointed out") {
    const ImportPlace at;
    at.zenml.run("UPDATE secret SET private = 1");
    CHECK(at.import({"--encryption-key-file", "key"})
              .out.find("1 of user scope will be seen by nobody until their owners' ids are "
                        "principals of the configuration\n") != std::string::npos);
  }

  TEST_CASE("what is no database, and a question without a terminal, are refused") {
    const ImportPlace at;
    CHECK(at.place.kist({"import", "zenml-sql", "key"}).err ==
          "kist: invalid_argument: 'key' is no SQLite database\n");
    CHECK(at.import({"--ask-encryption-key"})
              .err.starts_with("kist: invalid_argument: --ask-encryption-key asks on a terminal, "
                               "and standard input is no terminal\n"));
    CHECK(at.secrets() == 0);  // The first start says more.
    CHECK(at.import({"--workspace", "nowhere"}).err ==
          "kist: not_found: there is no workspace 'nowhere'\n");
  }
}
