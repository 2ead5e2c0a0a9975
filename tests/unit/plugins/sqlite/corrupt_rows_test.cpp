// SPDX-License-Identifier: Apache-2.0
#include "store_fixture.hpp"

namespace kist::sqlite::test {

namespace {

/// Three secrets, of which someone edits the first.
struct Edited {
  TemporaryDirectory directory;
  std::unique_ptr<SqliteStore> store = open_store(directory.file());
  TestCall call;

  Edited() {
    for (const std::uint64_t number : {1u, 2u, 3u})
      store->create_secret(call, make_secret(number, "secret-" + std::to_string(number)));
  }
  void edit(const std::string& sql) {
    Sql(directory.file())
        .run("PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF;" + sql);
  }
};

const std::pair<const char*, std::string> kValueDamage[] = {
    {"lost", "DELETE FROM secret_values WHERE hex(secret_id) LIKE '%1'"},
    {"torn",
     "UPDATE secret_values SET content = substr(content, 1, 9) WHERE hex(secret_id) LIKE '%1'"},
    {"of another form",
     "UPDATE secret_values SET content = CAST(x'02' || content AS BLOB) WHERE hex(secret_id) LIKE "
     "'%1'"},
};

const std::pair<const char*, std::string> kRecordDamage[] = {
    {"name", "UPDATE secrets SET name = '' WHERE created = 1"},
    {"scope", "UPDATE secrets SET scope = 'galaxy' WHERE created = 1"},
    {"workspace", "UPDATE secrets SET workspace_id = x'00' WHERE created = 1"},
    {"owner", "UPDATE secrets SET user_id = x'' WHERE created = 1"},
    {"revision", "UPDATE secrets SET revision = 0 WHERE created = 1"},
};

}  // namespace

TEST_SUITE("plugins/sqlite/corrupt_rows") {
  TEST_CASE("a secret whose values are lost or damaged is listed, replaced and deleted") {
    for (const auto& damage : kValueDamage) {
      const std::string& sql = damage.second;
      CAPTURE(damage.first);
      Edited edited;
      edited.edit(sql);
      const Error error = error_of([&] { edited.store->get_secret(edited.call, uuid(1)); });
      CHECK(to_string(error.code) == "corrupt");
      CHECK(error.message() ==
            "sqlite: the values of secret 00000000-0000-0000-0000-000000000001 cannot be read from "
            "the database");
      CHECK(list(*edited.store, {}).rows.size() == 3);

      SecretUpdate update = update_of(1);
      update.values.emplace().set("key", "new");
      CHECK(to_string(error_of([&] { edited.store->update_secret(edited.call, update); }).code) ==
            "corrupt");
      update.replace_values = true;
      const Secret replaced = edited.store->update_secret(edited.call, update);
      CHECK(replaced.revision == 2);
      CHECK(edited.store->get_secret(edited.call, uuid(1)).values.find("key")->reveal() == "new");

      edited.edit(sql);
      CHECK_NOTHROW(edited.store->delete_secret(edited.call, uuid(1), std::nullopt));
      CHECK(list(*edited.store, {}).rows.size() == 2);
    }
  }

  TEST_CASE("a record with a part that cannot be is listed as unreadable, and can be deleted") {
    for (const auto& damage : kRecordDamage) {
      const std::string& sql = damage.second;
      CAPTURE(damage.first);
      Edited edited;
      edited.edit(sql);
      CHECK(to_string(error_of([&] { edited.store->get_secret(edited.call, uuid(1)); }).code) ==
            "corrupt");
      for (const Field sort : {Field::created, Field::name, Field::scope, Field::revision}) {
        ListQuery query;
        query.sort = sort;
        const auto rows = list(*edited.store, query).rows;
        REQUIRE(rows.size() == 3);
        for (const SecretMetadata& row : rows) CHECK(row.readable == (row.id != uuid(1)));
      }
      CHECK_NOTHROW(edited.store->delete_secret(edited.call, uuid(1), std::nullopt));
      CHECK(list(*edited.store, {}).rows.size() == 2);
    }
  }

  TEST_CASE("a name or scope that cannot be is healed by an update that gives a new one") {
    Edited edited;
    edited.edit("UPDATE secrets SET name = '', scope = 'galaxy' WHERE created = 1");
    SecretUpdate update = update_of(1);
    update.name = "healed";
    CHECK(to_string(error_of([&] { edited.store->update_secret(edited.call, update); }).code) ==
          "corrupt");
    update.scope = Scope::workspace;
    CHECK(edited.store->update_secret(edited.call, update).name == "healed");
  }

  TEST_CASE("a row without a usable id is left out of a listing") {
    Edited edited;
    edited.edit("UPDATE secrets SET id = x'01' WHERE created = 1");
    CHECK(list(*edited.store, {}).rows.size() == 2);
  }
}

}  // namespace kist::sqlite::test
