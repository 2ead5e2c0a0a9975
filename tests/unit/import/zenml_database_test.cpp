// SPDX-License-Identifier: Apache-2.0
#include "import/zenml_database.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "../secrets/failure_of.hpp"
#include "zenml_file.hpp"

using namespace kist;
using namespace kist::core;
using namespace kist::core::testing;
namespace fs = std::filesystem;

namespace {

std::string failure_of_opening(const fs::path& path) {
  return failure_of([&] { ZenmlDatabase database(path); });
}

std::vector<std::string> files_in(const fs::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory))
    names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

/// A connection of somebody else, for as long as it lives.
class Other {
 public:
  explicit Other(const fs::path& path) { ::sqlite3_open(path.c_str(), &database_); }
  ~Other() { ::sqlite3_close(database_); }
  Other(const Other&) = delete;
  Other& operator=(const Other&) = delete;
  int run(const char* sql) const {
    return ::sqlite3_exec(database_, sql, nullptr, nullptr, nullptr);
  }

 private:
  sqlite3* database_ = nullptr;
};

}  // namespace

TEST_SUITE("core/import/zenml_database") {
  TEST_CASE("what is no ZenML database is refused in one sentence") {
    const ZenmlFile file("CREATE TABLE other (id)");
    const std::string path = file.path();
    CHECK(failure_of_opening(file.directory() / "absent") ==
          "not_found: cannot open '" + (file.directory() / "absent").native() +
              "': No such file or directory");
    CHECK(failure_of_opening(file.directory()) ==
          "invalid_argument: '" + file.directory().native() + "' is no regular file");
    CHECK(failure_of_opening(path) ==
          "invalid_argument: '" + path + "' is no ZenML database: it has no table 'secret'");
    const fs::path text = file.directory() / "te?x#t %41";
    std::ofstream(text) << std::string(4096, 'x');
    CHECK(failure_of_opening(text) ==
          "invalid_argument: '" + text.native() + "' is no SQLite database");
    std::ofstream(file.directory() / "empty").flush();
    CHECK(failure_of_opening(file.directory() / "empty").ends_with("it has no table 'secret'"));
  }

  TEST_CASE("a table that is not ZenML's is refused with what is missing") {
    struct Case {
      const char* sql;
      const char* why;
    };
    const Case cases[] = {
        {"CREATE TABLE secret (id)", "its table 'secret' has no column 'created'"},
        {"CREATE TABLE secret (id, created, updated, name, user_id, private)",
         "its table 'secret' has no column 'values'"},
        {"CREATE TABLE secret (id, created, updated, name, user_id, \"values\", scope)",
         "its table 'secret' has neither the column 'private' nor 'scope' and 'workspace_id'"},
        {"CREATE VIEW secret AS SELECT 1 id, 1 created, 1 updated, 1 name, 1 user_id, "
         "1 \"values\", 1 private",
         "it has no table 'secret'"},
        {"CREATE TABLE secret (id PRIMARY KEY, created, updated, name, user_id, \"values\", "
         "private) WITHOUT ROWID",
         "its table 'secret' cannot be read in ZenML's way"},
        {"CREATE VIRTUAL TABLE secret USING fts5(id, created, updated, name, user_id, x)",
         "it has no table 'secret'"},
    };
    for (const Case& c : cases) {
      const ZenmlFile file("");
      try {
        file.run(c.sql);
      } catch (const std::runtime_error&) {
        continue;  // A SQLite without that module.
      }
      CAPTURE(c.sql);
      CHECK(failure_of([&] { ZenmlDatabase(file.path()).rows(); }) ==
            "invalid_argument: '" + file.path().native() + "' is no ZenML database: " + c.why);
    }
  }

  TEST_CASE("a damaged file is said to be damaged") {
    const ZenmlFile file(kPrivateTable);
    for (int i = 10; i < 99; ++i)
      file.add({.id = "'000000000000400080000000000000" + std::to_string(i) + "'",
                .name = "'s" + std::to_string(i) + "'",
                .values = "'" + std::string(400, 'A') + "'"});
    std::fstream bytes(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(4096 * 2);
    for (std::uintmax_t size = fs::file_size(file.path()); size > 4096 * 2; --size)
      bytes.put('\x7F');
    bytes.close();
    CHECK(failure_of([&] {
            ZenmlDatabase database(file.path());
            for (const auto row : database.rows()) database.read(row);
          }) == "corrupt: cannot read '" + file.path().native() + "': it is damaged");
  }

  TEST_CASE("reading changes neither the file nor what lies beside it") {
    const ZenmlFile file(kPrivateTable);
    file.add({});
    const auto read_all = [&] {
      ZenmlDatabase database(file.path());
      for (const auto row : database.rows()) CHECK(database.read(row).name_text == "db");
    };
    SUBCASE("at rest") {}
    SUBCASE("at rest in WAL mode") { file.run("PRAGMA journal_mode = WAL"); }
    SUBCASE("at rest behind a link") {
      fs::create_symlink(file.path(), file.directory() / "link.db");
      file.run("PRAGMA journal_mode = WAL");
      ZenmlDatabase(file.directory() / "link.db").rows();
    }
    const auto files = files_in(file.directory());
    const auto time = fs::last_write_time(file.path());
    read_all();
    CHECK(files_in(file.directory()) == files);
    CHECK(fs::last_write_time(file.path()) == time);
  }

  TEST_CASE("what a server writes meanwhile is seen once it is committed, and nothing blocks it") {
    const ZenmlFile file(kPrivateTable);
    const char* journal = "PRAGMA journal_mode = DELETE";
    SUBCASE("with a rollback journal") {}
    SUBCASE("with a WAL") { journal = "PRAGMA journal_mode = WAL"; }
    const Other server(file.path());
    REQUIRE(server.run(journal) == SQLITE_OK);
    REQUIRE(server.run("INSERT INTO secret VALUES ('0000000000004000800000000000000a', "
                       "'2023-05-04 12:34:56', '2023-05-04 12:34:56', 'db', 'e30=', "
                       "'a11ce000000040008000000000000001', 0, 0)") == SQLITE_OK);
    ZenmlDatabase database(file.path());
    CHECK(database.rows().size() == 1);
    const auto row = database.rows().front();
    CHECK(database.read(row).name_text == "db");
    REQUIRE(server.run("BEGIN IMMEDIATE; UPDATE secret SET name = 'new'") == SQLITE_OK);
    CHECK(database.read(row).name_text == "db");
    REQUIRE(server.run("COMMIT") == SQLITE_OK);
    CHECK(database.read(row).name_text == "new");
    REQUIRE(server.run("DELETE FROM secret") == SQLITE_OK);
    CHECK(failure_of([&] { database.read(row); }) ==
          "not_found: row 1 of '" + file.path().native() + "' was deleted meanwhile");
  }

  TEST_CASE("a write that was interrupted is not undone, but said") {
    const ZenmlFile file(kPrivateTable);
    file.add({});
    const fs::path copy = file.directory() / "copy.db";
    {
      const Other server(file.path());
      REQUIRE(server.run("PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN;"
                         "UPDATE secret SET name = 'half';"
                         "CREATE TABLE filler AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT "
                         "i + 1 FROM n LIMIT 2000) SELECT i, hex(zeroblob(100)) FROM n") ==
              SQLITE_OK);
      fs::copy_file(file.path(), copy);
      fs::copy_file(file.path().native() + "-journal", copy.native() + "-journal");
    }
    // The kernel does not tell a copied journal from one whose writer died; its header does.
    CHECK(failure_of_opening(copy) ==
          "failed_precondition: cannot read '" + copy.native() +
              "': a write to it was interrupted; start ZenML once, which completes it");
    CHECK(fs::exists(copy.native() + "-journal"));
  }
}
