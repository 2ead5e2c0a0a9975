// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include <kist/models.hpp>

namespace kist::bench {

/// A connection with the settings of the store, and prepared statements.
class BareSqlite {
 public:
  explicit BareSqlite(const std::filesystem::path& path) {
    check(sqlite3_open_v2(path.c_str(), &database_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                          nullptr));
    execute("PRAGMA synchronous = FULL");
    execute("PRAGMA secure_delete = ON");
    execute("PRAGMA foreign_keys = ON");
    prepare(
        "SELECT s.id, s.name, s.scope, s.workspace_id, s.user_id, s.created, s.updated, "
        "s.revision, v.content"
        " FROM secrets AS s LEFT JOIN secret_values AS v ON v.secret_id = s.id WHERE s.id = ?1",
        &get_);
    prepare("INSERT INTO secrets VALUES (?1, ?2, 'workspace', ?3, ?3, ?4, ?4, 1)", &insert_secret_);
    prepare("INSERT INTO secret_values VALUES (?1, ?2)", &insert_values_);
    prepare("BEGIN IMMEDIATE", &begin_);
    prepare("COMMIT", &commit_);
  }
  ~BareSqlite() {
    for (sqlite3_stmt* statement : {get_, insert_secret_, insert_values_, begin_, commit_})
      sqlite3_finalize(statement);
    sqlite3_close(database_);
  }
  BareSqlite(const BareSqlite&) = delete;
  BareSqlite& operator=(const BareSqlite&) = delete;

  /// Reads the row, and copies what it holds into the caller's memory.
  std::size_t get(const Uuid& id, std::string& name, std::string& content) {
    sqlite3_bind_blob(get_, 1, id.bytes.data(), 16, SQLITE_STATIC);
    if (sqlite3_step(get_) != SQLITE_ROW) throw std::runtime_error("no such row");
    name.assign(reinterpret_cast<const char*>(sqlite3_column_text(get_, 1)),
                static_cast<std::size_t>(sqlite3_column_bytes(get_, 1)));
    content.assign(static_cast<const char*>(sqlite3_column_blob(get_, 8)),
                   static_cast<std::size_t>(sqlite3_column_bytes(get_, 8)));
    std::size_t sum = 0;
    for (int column = 5; column < 8; ++column)
      sum += static_cast<std::size_t>(sqlite3_column_int64(get_, column));
    sqlite3_reset(get_);
    return sum;
  }

  void create(const Secret& secret, const std::string& content) {
    step(begin_);
    const Uuid nobody;
    sqlite3_bind_blob(insert_secret_, 1, secret.id.bytes.data(), 16, SQLITE_STATIC);
    sqlite3_bind_text(insert_secret_, 2, secret.name.data(), static_cast<int>(secret.name.size()),
                      SQLITE_STATIC);
    sqlite3_bind_blob(insert_secret_, 3, nobody.bytes.data(), 16, SQLITE_STATIC);
    sqlite3_bind_int64(insert_secret_, 4, secret.created.time_since_epoch().count());
    step(insert_secret_);
    sqlite3_bind_blob(insert_values_, 1, secret.id.bytes.data(), 16, SQLITE_STATIC);
    sqlite3_bind_blob(insert_values_, 2, content.data(), static_cast<int>(content.size()),
                      SQLITE_STATIC);
    step(insert_values_);
    step(commit_);
  }

 private:
  void check(int code) {
    if (code != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(database_));
  }
  void execute(const char* sql) { check(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr)); }
  void prepare(const char* sql, sqlite3_stmt** statement) {
    check(sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, nullptr));
  }
  void step(sqlite3_stmt* statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(database_));
    sqlite3_reset(statement);
  }

  sqlite3* database_ = nullptr;
  sqlite3_stmt *get_ = nullptr, *insert_secret_ = nullptr, *insert_values_ = nullptr;
  sqlite3_stmt *begin_ = nullptr, *commit_ = nullptr;
};

}  // namespace kist::bench
