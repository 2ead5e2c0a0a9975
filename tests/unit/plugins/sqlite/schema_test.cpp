// SPDX-License-Identifier: Apache-2.0
#include "schema.hpp"

#include <sys/stat.h>
#include <sys/wait.h>

#include "store_fixture.hpp"

namespace kist::sqlite::test {

namespace {

/// The schema of version 1 as it was released, with three secrets. Not taken from schema_steps():
/// what is in the field does not change when they do.
constexpr const char* kVersion1 = R"(
PRAGMA journal_mode = WAL;
BEGIN;
CREATE TABLE deployment (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  id BLOB NOT NULL CHECK (length(id) = 16)
) STRICT;
CREATE TABLE secrets (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
  scope TEXT NOT NULL CHECK (scope IN ('workspace', 'user')),
  workspace_id BLOB NOT NULL CHECK (length(workspace_id) = 16),
  user_id BLOB NOT NULL CHECK (length(user_id) = 16),
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  revision INTEGER NOT NULL CHECK (revision >= 1)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX workspace_names ON secrets (workspace_id, name) WHERE scope = 'workspace';
CREATE UNIQUE INDEX user_names ON secrets (workspace_id, user_id, name) WHERE scope = 'user';
CREATE INDEX by_name ON secrets (name, id, scope, user_id);
CREATE INDEX by_created ON secrets (created, id, scope, user_id);
CREATE INDEX by_updated ON secrets (updated, id, scope, user_id);
CREATE INDEX by_workspace_name ON secrets (workspace_id, name, id, scope, user_id);
CREATE INDEX by_workspace_created ON secrets (workspace_id, created, id, scope, user_id);
CREATE INDEX by_workspace_updated ON secrets (workspace_id, updated, id, scope, user_id);
CREATE TABLE secret_values (
  secret_id BLOB PRIMARY KEY REFERENCES secrets (id) ON DELETE CASCADE,
  content BLOB NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO deployment VALUES (1, x'00000000000000000000000000deb107');
INSERT INTO secrets VALUES
  (x'00000000000000000000000000000001', 'a', 'workspace', x'00000000000000000000000000003040',
   x'000000000000000000000000000005e4', 1, 1, 1),
  (x'00000000000000000000000000000002', 'b', 'workspace', x'00000000000000000000000000003040',
   x'000000000000000000000000000005e4', 2, 2, 7),
  (x'00000000000000000000000000000003', 'a', 'user', x'00000000000000000000000000003040',
   x'000000000000000000000000000005e4', 3, 3, 1);
INSERT INTO secret_values VALUES
  (x'00000000000000000000000000000001', x'0100000000'),
  (x'00000000000000000000000000000002', x'010100000001000000020000006b7631'),
  (x'00000000000000000000000000000003', x'0100000000');
PRAGMA application_id = 1265202036;
PRAGMA user_version = 1;
COMMIT;
)";

std::filesystem::path version_1(const TemporaryDirectory& directory) {
  Sql(directory.file()).run(kVersion1);
  REQUIRE(::chmod(directory.file().c_str(), 0600) == 0);
  return directory.file();
}

std::vector<std::string> schema_of(const std::filesystem::path& path) {
  return Sql(path).rows("SELECT sql FROM sqlite_schema ORDER BY type, name");
}

}  // namespace

TEST_SUITE("plugins/sqlite/schema") {
  TEST_CASE("a file of version 1 opens with all that is in it, and is counted") {
    const TemporaryDirectory directory;
    const auto store = open_store(version_1(directory));
    TestCall call;
    const Secret secret = store->get_secret(call, uuid(2));
    CHECK(secret.name == "b");
    CHECK(secret.revision == 7);
    REQUIRE(secret.values.find("k"));
    CHECK(secret.values.find("k")->reveal() == "v1");
    ListQuery all;
    all.with_total = true;
    CHECK(list(*store, all).counted == 3);
    CHECK(Sql(directory.file()).rows("PRAGMA user_version") == std::vector<std::string>{"2"});
  }

  TEST_CASE("a file that was brought to the current version has the schema of a new one") {
    const TemporaryDirectory directory;
    open_store(version_1(directory));
    open_store(directory.file("new.db"));
    CHECK(schema_of(directory.file()) == schema_of(directory.file("new.db")));
  }

  TEST_CASE("a file of another deployment is refused before it is changed") {
    const TemporaryDirectory directory;
    version_1(directory);
    CHECK(to_string(error_of([&] { open_store(config_for(directory.file()), uuid(9)); }).code) ==
          "failed_precondition");
    CHECK(Sql(directory.file()).rows("PRAGMA user_version") == std::vector<std::string>{"1"});
  }

  TEST_CASE("a file of a later version is refused, by both numbers") {
    const TemporaryDirectory directory;
    open_store(directory.file());
    Sql(directory.file()).run("PRAGMA user_version = 3");
    const Error error = error_of([&] { open_store(directory.file()); });
    CHECK(to_string(error.code) == "failed_precondition");
    CHECK(error.message() == "sqlite: cannot use '" + directory.file().string() +
                                 "': its schema has version 3, and this plugin knows versions up "
                                 "to 2");
  }

  TEST_CASE("a step that fails leaves the version before it") {
    const TemporaryDirectory directory;
    version_1(directory);
    Sql(directory.file()).run("CREATE TABLE secret_counts (in_the_way)");
    CHECK_THROWS_AS(open_store(directory.file()), Error);
    Sql sql(directory.file());
    CHECK(sql.rows("PRAGMA user_version") == std::vector<std::string>{"1"});
    CHECK(sql.rows("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'") ==
          std::vector<std::string>{"0"});
  }

  TEST_CASE("processes may open a new or an old file at the same time") {
    for (const bool is_new : {true, false}) {
      CAPTURE(is_new);
      for (int round = 0; round < 10; ++round) {
        const TemporaryDirectory directory;
        if (!is_new) version_1(directory);
        std::vector<pid_t> children;
        for (int i = 0; i < 4; ++i) {
          const pid_t child = ::fork();
          if (child == 0) {
            try {
              open_store(directory.file());
              ::_exit(0);
            } catch (const std::exception& error) {
              ::write(2, error.what(), std::char_traits<char>::length(error.what()));
              ::_exit(1);
            }
          }
          children.push_back(child);
        }
        for (const pid_t child : children) {
          int status = -1;
          REQUIRE(::waitpid(child, &status, 0) == child);
          CHECK(status == 0);
        }
      }
    }
  }
}

}  // namespace kist::sqlite::test
