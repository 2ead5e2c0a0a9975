// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <doctest/doctest.h>

#include "import/zenml_database.hpp"
#include "zenml_file.hpp"

using namespace kist;
using namespace kist::core;
using namespace kist::core::testing;

namespace {

using Row = ZenmlFile::PrivateRow;

ZenmlSecret only_secret(const ZenmlFile& file) {
  ZenmlDatabase database(file.path());
  const auto rows = database.rows();
  REQUIRE(rows.size() == 1);
  return database.read(rows.front());
}

ZenmlSecret secret_of(const Row& row) {
  const ZenmlFile file(kPrivateTable);
  file.add(row);
  return only_secret(file);
}

Timestamp time_of(std::int64_t microseconds) {
  return Timestamp(std::chrono::microseconds(microseconds));
}

}  // namespace

TEST_SUITE("core/import/zenml_rows") {
  TEST_CASE("a row of the first form has a scope and a workspace") {
    const ZenmlFile file(kScopeTables);
    file.run(
        "INSERT INTO secret VALUES ('e30=', '00000000000040008000000000000012', "
        "'b0b00000000040008000000000000002', '0000000000004000800000000000000a', "
        "'2023-05-04 12:34:56.123456', '2023-05-04 12:34:57', 'db', 'user')");
    const ZenmlSecret secret = only_secret(file);
    CHECK(secret.fault == "");
    CHECK(secret.id.to_string() == "00000000-0000-4000-8000-00000000000a");
    CHECK(secret.name_text == "db");
    CHECK(secret.scope == Scope::user);
    CHECK(secret.owner.name == "bob");
    REQUIRE(secret.workspace.has_value());
    CHECK(secret.workspace->name == "research");
    CHECK(secret.created == time_of(1'683'203'696'123'456));
    CHECK(secret.updated == time_of(1'683'203'697'000'000));
    CHECK(secret.stored->reveal() == "e30=");
    CHECK(!secret.internal);
    file.run("UPDATE secret SET scope = 'workspace'");
    CHECK(only_secret(file).scope == Scope::workspace);
  }

  TEST_CASE("a row of the second form is private or not, and has no workspace") {
    const ZenmlSecret secret = secret_of({.is_private = "1"});
    CHECK(secret.fault == "");
    CHECK(secret.scope == Scope::user);
    CHECK(secret.owner.id.to_hex() == "a11ce000000040008000000000000001");
    CHECK(secret.owner.name == "alice");
    CHECK(!secret.workspace);
    CHECK(secret.created == time_of(1'683'203'696'123'456));
    CHECK(secret.updated == time_of(1'704'164'645'000'007));
    CHECK(secret_of({.is_private = "0"}).scope == Scope::workspace);
    CHECK(secret_of({.internal = "1"}).internal);
  }

  TEST_CASE("a table between the two forms, and one without the last column, are read too") {
    const ZenmlFile file(kScopeTables);
    file.run(
        "ALTER TABLE secret ADD COLUMN private BOOLEAN; ALTER TABLE workspace RENAME TO project;"
        "INSERT INTO secret VALUES ('e30=', '00000000000040008000000000000012', "
        "'b0b00000000040008000000000000002', '0000000000004000800000000000000a', "
        "'2023-05-04 12:34:56', '2023-05-04 12:34:57', 'db', 'workspace', 1)");
    CHECK(only_secret(file).scope == Scope::user);
    CHECK(only_secret(file).workspace->name == "research");
  }

  TEST_CASE("ids are hex digits with or without hyphens") {
    CHECK(secret_of({.id = "'00000000-0000-4000-8000-00000000000A'"}).id_text ==
          "00000000-0000-4000-8000-00000000000a");
    for (const char* id :
         {"'0000000000004000800000000000000'", "'0000000000004000800000000000000a0'", "''", "7",
          "x'00000000000040008000000000000001'", "'00000000000000000000000000000000'",
          "'0000000000004000800000000000000a0000000000004000800000000000000a'",
          "'{00000000-0000-4000-8000-00000000000a}'"}) {
      CAPTURE(id);
      CHECK(secret_of({.id = id}).fault == "its column id holds nothing that ZenML writes there");
    }
    CHECK(secret_of({.id = "x'00'"}).id_text == "row 1");
  }

  TEST_CASE("a column of another type, or with other content, is named") {
    struct Case {
      Row row;
      const char* column;
    };
    const std::string too_long = "printf('%.*c', 1021, 'n')";
    const Case cases[] = {
        {{.name = "x'6462'"}, "name"},
        {{.name = "CAST(x'64FF' AS TEXT)"}, "name"},
        {{.name = too_long}, "name"},
        {{.is_private = "2"}, "private or scope"},
        {{.is_private = "0.5"}, "private or scope"},
        {{.is_private = "'yes'"}, "private or scope"},
        {{.is_private = "'User'"}, "private or scope"},
        {{.user = "7"}, "user_id"},
        {{.user = "'alice'"}, "user_id"},
        {{.created = "1683203696"}, "created"},
        {{.created = "'2023-02-30 00:00:00'"}, "created"},
        {{.created = "'2023-05-04T12:34:56'"}, "created"},
        {{.created = "'-4712-01-01 00:00:00'"}, "created"},
        {{.updated = "x'00'"}, "updated"},
        {{.updated = "''"}, "updated"},
        {{.values = "7"}, "values"},
        {{.values = "1.5"}, "values"},
        {{.internal = "'x'"}, "internal"},
        {{.internal = "2"}, "internal"},
    };
    // TEXT affinity would make text of numbers.
    const ZenmlFile file(
        "CREATE TABLE secret (id, created, updated, name, user_id, \"values\", private, internal)");
    for (const Case& c : cases) {
      file.run("DELETE FROM secret");
      file.add(c.row);
      CAPTURE(c.column);
      const ZenmlSecret secret = only_secret(file);
      CHECK(secret.fault ==
            "its column " + std::string(c.column) + " holds nothing that ZenML writes there");
      CHECK(secret.id_text.starts_with("00000000"));
    }
  }

  TEST_CASE("values are text or bytes, or are not there") {
    CHECK(secret_of({.values = "x'6533303D'"}).stored->reveal() == "e30=");
    CHECK(!secret_of({.values = "NULL"}).stored);
    CHECK(!secret_of({.values = "''"}).stored);
    CHECK(!secret_of({.values = "x''"}).stored);
    CHECK(secret_of({.values = "zeroblob(20000000)"}).stored->size() == 20'000'000);
  }

  TEST_CASE("a row of any size costs no more memory than ZenML's largest") {
    const ZenmlFile file(kPrivateTable);
    file.add({.values = "zeroblob(40000000)"});
    file.add({.id = "'0000000000004000800000000000000b'", .name = "'after'"});
    ZenmlDatabase database(file.path());
    REQUIRE(database.rows().size() == 2);
    const ZenmlSecret large = database.read(1);
    CHECK(large.id_text == "row 1");
    CHECK(large.fault == "it is larger than anything that ZenML stores");
    CHECK(database.read(2).fault == "");
  }

  TEST_CASE("rows come oldest first") {
    const ZenmlFile file(kPrivateTable);
    file.add({.name = "'third'", .created = "'2023-05-04 12:34:56.2'"});
    file.add({.id = "'0000000000004000800000000000000b'",
              .name = "'first'",
              .created = "'2023-05-04 12:34:56.1'"});
    ZenmlDatabase database(file.path());
    CHECK(database.rows() == std::vector<std::int64_t>{2, 1});
  }

  TEST_CASE("a user that is not there, or whose name two have, has no name") {
    const std::string eve = "'e0e00000000040008000000000000004'";
    CHECK(secret_of({.user = eve}).owner.name == "");
    CHECK(secret_of({.user = eve}).owner.id.to_hex() == eve.substr(1, 32));
    const ZenmlFile file(kPrivateTable);
    file.add({});
    file.run("INSERT INTO user VALUES (" + eve + ", 'alice')");
    CHECK(only_secret(file).owner.name == "");
    file.run("DROP TABLE user");
    CHECK(only_secret(file).owner.name == "");
  }
}
