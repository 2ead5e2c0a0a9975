// SPDX-License-Identifier: Apache-2.0
#include "import/zenml_import.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "../secrets/failure_of.hpp"
#include "../secrets/service_fixture.hpp"
#include "zenml_file.hpp"

using namespace kist;
using namespace kist::core;
using namespace kist::core::testing;

namespace {

using Row = ZenmlFile::PrivateRow;

constexpr const char* kOtherId = "'0000000000004000800000000000000b'";

std::string result_text(const ImportFinding& finding) {
  constexpr const char* words[] = {"importable", "imported", "present", "left out", "refused"};
  std::string text = words[static_cast<int>(finding.result)];
  if (finding.result == ImportResult::refused) text += " " + std::string(to_string(finding.code));
  return finding.reason.empty() ? text : text + ": " + finding.reason;
}

/// A database and a store, with the workspaces `default` and `research` and the principal `alice`.
struct ImportFixture {
  explicit ImportFixture(std::string_view tables = kPrivateTable) : file(tables) {}

  template <class Action>
  std::vector<std::string> run(Action action) {
    std::vector<SecretValue> secret_keys;
    for (const std::string& key : keys) secret_keys.emplace_back(key);
    ZenmlDatabase database(file.path());
    ZenmlValues values(secret_keys);
    const Workspace* const fallback =
        workspace.empty() ? nullptr : directory.find_workspace(workspace);
    ZenmlImport import(database, values, {store, directory, limits, fallback, skip});
    import.survey(call);
    std::vector<std::string> results;
    findings.clear();
    for (const std::int64_t row : database.rows()) {
      findings.push_back(action(import, row));
      results.push_back(result_text(findings.back()));
    }
    return results;
  }
  std::vector<std::string> examine() {
    return run([&](ZenmlImport& import, std::int64_t row) { return import.examine(call, row); });
  }
  /// As the command does it: all are examined first.
  std::vector<std::string> import() {
    return run([&](ZenmlImport& import, std::int64_t row) {
      import.examine(call, row);
      return import.import(call, row);
    });
  }
  const Secret& stored(const char* id = "0000000000004000800000000000000a") const {
    return store.map.records.at(*Uuid::parse(id));
  }

  ZenmlFile file;
  StoreInMemory store;
  PlainCall call;
  Directory directory{Uuid{{0xDE}},
                      {{"default", {}}, {"research", {}}},
                      {{"alice", {}, {{"default", Role::writer}}}}};
  Limits limits;
  std::vector<std::string> keys;
  std::string workspace;
  bool skip = false;
  std::vector<ImportFinding> findings;
};

using Results = std::vector<std::string>;

std::string in_sql(std::string_view text) { return "'" + std::string(text) + "'"; }

}  // namespace

TEST_SUITE("core/import/zenml_import") {
  TEST_CASE("a secret comes with its id, name, scope, owner, times and values") {
    ImportFixture fixture;
    fixture.keys = {"wrong", "k"};
    fixture.file.add(
        {.is_private = "1", .values = in_sql(encrypted(R"({"a": "1", "b": ""})", "k"))});
    CHECK(fixture.examine() == Results{"importable"});
    CHECK(fixture.store.map.records.empty());
    CHECK(fixture.import() == Results{"imported"});
    const Secret& secret = fixture.stored();
    CHECK(secret.name == "db");
    CHECK(secret.scope == Scope::user);
    CHECK(secret.workspace_id == fixture.directory.find_workspace("default")->id);
    CHECK(secret.user_id == fixture.directory.find_principal("alice")->id);
    CHECK(secret.created.time_since_epoch().count() == 1'683'203'696'123'456);
    CHECK(secret.updated.time_since_epoch().count() == 1'704'164'645'000'007);
    CHECK(secret.revision == 1);
    CHECK(ServiceFixture::shown(secret.values) == "a=1 b=");

    const ImportFinding& finding = fixture.findings.front();
    CHECK(finding.id == "00000000-0000-4000-8000-00000000000a");
    CHECK(finding.name == "db");
    CHECK(finding.workspace == "default");
    CHECK(finding.owner == "alice");
    CHECK(finding.owner_is_known);
    CHECK(finding.key == 1);
  }

  TEST_CASE("repeating an import changes nothing, and says so") {
    ImportFixture fixture;
    fixture.file.add({.values = in_sql(base64(R"({"a": "1"})"))});
    CHECK(fixture.import() == Results{"imported"});
    fixture.store.calls.clear();
    CHECK(fixture.examine() == Results{"present"});
    CHECK(fixture.import() == Results{"present"});
    for (const std::string& call : fixture.store.calls) CHECK((call == "list" || call == "get"));
  }

  TEST_CASE("what has changed on either side since an import is kept as the store has it") {
    const std::string changed =
        "refused already_exists: the store has a secret of this id with other content, or one that "
        "cannot be read";
    struct Case {
      const char* what;
      void (*change)(Secret&);
    };
    const Case cases[] = {
        {"a value", [](Secret& secret) { secret.values.set("a", "2"); }},
        {"a key more", [](Secret& secret) { secret.values.set("b", ""); }},
        {"a key fewer", [](Secret& secret) { secret.values.erase("a"); }},
        {"the name", [](Secret& secret) { secret.name = "other"; }},
        {"the scope", [](Secret& secret) { secret.scope = Scope::user; }},
        {"the owner", [](Secret& secret) { secret.user_id = Uuid{{1}}; }},
        {"the workspace", [](Secret& secret) { secret.workspace_id = Uuid{{1}}; }},
    };
    for (const Case& c : cases) {
      ImportFixture fixture;
      fixture.file.add({.values = in_sql(base64(R"({"a": "1"})"))});
      REQUIRE(fixture.import() == Results{"imported"});
      c.change(fixture.store.map.records.begin()->second);
      CAPTURE(c.what);
      CHECK(fixture.import() == Results{changed});
    }
    ImportFixture fixture;
    fixture.file.add({});
    REQUIRE(fixture.import() == Results{"imported"});
    fixture.store.map.corrupt.insert(fixture.stored().id);
    CHECK(fixture.import() == Results{changed});
  }

  TEST_CASE("a name that is taken is refused with who has it") {
    ImportFixture fixture;
    fixture.file.add({});
    fixture.file.add({.id = kOtherId,
                      .user = "'b0b00000000040008000000000000002'",
                      .created = "'2023-05-04 12:34:57'"});
    const std::string in_database =
        "refused already_exists: its name is taken in the same database by secret "
        "00000000-0000-4000-8000-00000000000a";
    CHECK(fixture.examine() == Results{"importable", in_database});
    CHECK(fixture.import() == Results{"imported", in_database});
    fixture.file.run("DELETE FROM secret WHERE name = 'db' AND user_id LIKE 'a11ce%'");
    CHECK(fixture.import() ==
          Results{"refused already_exists: its name is taken in the store by secret "
                  "00000000-0000-4000-8000-00000000000a"});
    // User scopes of two owners, and the workspace's, are apart.
    fixture.file.run("UPDATE secret SET private = 1");
    fixture.file.add({.id = "'0000000000004000800000000000000c'", .is_private = "1"});
    CHECK(fixture.import() == Results{"imported", "imported"});
  }

  TEST_CASE("an id that two rows have is imported once") {
    ImportFixture fixture(
        "CREATE TABLE secret (id, created, updated, name, user_id, \"values\", private, internal)");
    fixture.file.add({});
    fixture.file.add({.id = "'0000000000004000800000000000000A'",
                      .name = "'again'",
                      .created = "'2023-05-04 12:34:57'"});
    CHECK(fixture.examine() ==
          Results{"importable",
                  "refused already_exists: another row of the same database has its "
                  "id"});
    CHECK(fixture.import()[0] == "imported");
    CHECK(fixture.store.map.records.size() == 1);
  }

  TEST_CASE("a secret that appears between the look and the import is not overwritten") {
    ImportFixture fixture;
    fixture.file.add({});
    const auto import_after = [&](const char* name) {
      return fixture.run([&](ZenmlImport& import, std::int64_t row) {
        CHECK(import.examine(fixture.call, row).result == ImportResult::importable);
        Secret other;
        other.id = *Uuid::parse("0000000000004000800000000000000a");
        other.name = name;
        other.workspace_id = fixture.directory.find_workspace("default")->id;
        other.user_id = fixture.directory.find_principal("alice")->id;
        fixture.store.map.records.emplace(other.id, other.clone());
        return import.import(fixture.call, row);
      });
    };
    CHECK(import_after("db") == Results{"present"});
    fixture.store.map.records.clear();
    CHECK(import_after("other") == Results{"refused already_exists: the store has got a secret of "
                                           "its name or id meanwhile"});
  }

  TEST_CASE("a row that cannot be imported says why") {
    struct Case {
      Row row;
      std::string result;
    };
    const Case cases[] = {
        {{.created = "'yesterday'"},
         "refused invalid_argument: its column created holds nothing that ZenML writes there"},
        {{.name = "''"},
         "refused invalid_argument: the name is empty; expected 1 to 255 characters"},
        {{.name = "' db'"},
         "refused invalid_argument: the name ' db' begins with white space (U+0020)"},
        {{.name = "printf('%.*c', 256, 'n')"},
         "refused invalid_argument: the name '" + std::string(256, 'n') +
             "' has 256 characters; expected at most 255"},
        {{.values = "NULL"},
         "refused not_found: its values are not in this database; ZenML keeps them in another "
         "store"},
        {{.values = in_sql(base64(R"({"a": 7})"))},
         "refused invalid_argument: one of its values is no string"},
        {{.values = in_sql(base64(R"({"": "7"})"))},
         "refused invalid_argument: a key is empty; expected 1 to 255 bytes"},
        {{.values = in_sql(base64(R"({"a": ")" + std::string(200, 'v') + "\"}"))},
         "refused resource_exhausted: the secret's keys and values would take 201 bytes; the limit "
         "is 200"},
        {{.values = in_sql(encrypted("{}", "k"))},
         "refused corrupt: its values are encrypted or damaged, and no key is given"},
        {{.internal = "1"},
         "left out: it is internal to ZenML: the credentials of a service connector"},
    };
    for (const Case& c : cases) {
      ImportFixture fixture;
      fixture.limits.max_secret_bytes = 200;
      fixture.file.add(c.row);
      CAPTURE(c.result);
      CHECK(fixture.examine() == Results{c.result});
      CHECK(fixture.import() == Results{c.result});
      CHECK(fixture.store.map.records.empty());
    }
  }

  TEST_CASE("what cannot be decrypted is refused, or left out where that is asked for") {
    ImportFixture fixture;
    fixture.keys = {"k"};
    fixture.file.add({.values = in_sql(encrypted("{}", "other"))});
    const std::string why = "its values do not decrypt with the key that is given";
    CHECK(fixture.examine() == Results{"refused corrupt: " + why});
    CHECK(fixture.findings.front().undecryptable);
    fixture.skip = true;
    CHECK(fixture.import() == Results{"left out: " + why});
    CHECK(fixture.store.map.records.empty());
  }

  TEST_CASE("a workspace is found by its name, or is the one for those that are not") {
    ImportFixture fixture(kScopeTables);
    const auto add = [&](const char* id, const char* workspace) {
      fixture.file.run(std::string("INSERT INTO secret VALUES ('e30=', '") + workspace +
                       "', 'b0b00000000040008000000000000002', '" + id +
                       "', '2023-05-04 12:34:56', '2023-05-04 12:34:56', 'db', 'workspace')");
    };
    add("0000000000004000800000000000000a", "00000000000040008000000000000012");
    add("0000000000004000800000000000000b", "00000000000040008000000000000013");
    add("0000000000004000800000000000000c", "00000000000040008000000000000099");
    const std::string rest = " is not configured; configure it, or use --workspace";
    CHECK(fixture.examine() ==
          Results{"importable", "refused not_found: its workspace 'abandoned'" + rest,
                  "refused not_found: its workspace 00000000-0000-4000-8000-000000000099" + rest});
    fixture.workspace = "default";
    CHECK(fixture.import()[0] == "imported");
    CHECK(fixture.stored().workspace_id == fixture.directory.find_workspace("research")->id);
    CHECK(fixture.stored("0000000000004000800000000000000b").workspace_id ==
          fixture.directory.find_workspace("default")->id);
    // Both of the others came to the same place, and want the same name.
    CHECK(fixture.store.map.records.size() == 2);
  }

  TEST_CASE("without workspaces secrets go to the default one, or to the one that is named") {
    ImportFixture fixture;
    fixture.file.add({});
    fixture.workspace = "research";
    CHECK(fixture.import() == Results{"imported"});
    CHECK(fixture.stored().workspace_id == fixture.directory.find_workspace("research")->id);
  }

  TEST_CASE("an owner whom no principal is named after keeps the id that ZenML gave") {
    ImportFixture fixture;
    fixture.file.add({.user = "'b0b00000000040008000000000000002'"});
    fixture.file.add({.id = kOtherId,
                      .name = "'of default'",
                      .user = "'def00000000040008000000000000003'",
                      .created = "'2023-05-04 12:34:57'"});
    CHECK(fixture.import() == Results{"imported", "imported"});
    CHECK(fixture.stored().user_id.to_hex() == "b0b00000000040008000000000000002");
    CHECK(!fixture.findings[0].owner_is_known);
    CHECK(fixture.findings[0].owner == "b0b00000-0000-4000-8000-000000000002");
    CHECK(fixture.stored("0000000000004000800000000000000b").user_id ==
          fixture.directory.local_principal().id);
    CHECK(fixture.findings[1].owner == "default");
  }
}
