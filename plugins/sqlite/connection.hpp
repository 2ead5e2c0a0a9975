// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <kist/plugin.hpp>

#include "database_file.hpp"

namespace kist::sqlite {

class Connection;

struct CloseConnection {
  void operator()(sqlite3* database) const noexcept { sqlite3_close(database); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};

/// Of a statement that nobody finalizes a connection is never closed.
using StatementHandle = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

/// A prepared statement that a connection keeps for its next use.
struct PreparedStatement {
  std::string sql;
  StatementHandle handle;
  std::uint64_t last_use = 0;
  bool in_use = false;
};

/// One use of a prepared statement: bound, stepped, and at the end reset and cleared, so that it
/// holds neither a lock nor a pointer. What is bound must stay where it is until then. Indexes of
/// parameters start at 1, of columns at 0.
class Statement {
 public:
  Statement(Connection& connection, PreparedStatement& prepared) noexcept
      : connection_(connection), prepared_(prepared) {
    prepared_.in_use = true;
  }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  Statement& bind(int index, std::int64_t value);
  Statement& bind_text(int index, std::string_view text);
  Statement& bind_blob(int index, std::string_view bytes);
  Statement& bind(int index, const Uuid& id);

  /// True: there is a row. Errors: those of Connection::error().
  bool step();
  /// For a statement without rows: gives SQLITE_OK or the extended code of a violated constraint.
  int run();

  /// Nothing if the column is of another type. Looks are valid until the next step.
  std::optional<std::int64_t> integer(int column) const;
  std::optional<std::string_view> text(int column) const;
  std::optional<std::string_view> blob(int column) const;
  std::optional<Uuid> uuid(int column) const;

 private:
  void check_bound(int result) const;
  std::string_view bytes(int column) const;
  sqlite3_stmt* handle() const noexcept { return prepared_.handle.get(); }

  Connection& connection_;
  PreparedStatement& prepared_;
};

enum class Access { read, write };

struct ConnectionSettings {
  DatabaseFile file;
  std::chrono::milliseconds busy_timeout;
  std::int64_t cache_kib;
};

/// A connection to the database file. One thread at a time.
class Connection {
 public:
  /// Opens an existing file. Waits for locks as long as `call` may run.
  Connection(const ConnectionSettings& settings, Access access, const Call& call);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Until the object that it returns is destroyed, waits for locks end with `call`, and so do long
  /// reads: within some milliseconds of its deadline or cancellation.
  class CallScope {
   public:
    CallScope(Connection& connection, const Call& call) noexcept : connection_(connection) {
      connection_.call_ = &call;
    }
    CallScope(const CallScope&) = delete;
    CallScope& operator=(const CallScope&) = delete;
    ~CallScope() { connection_.call_ = nullptr; }

   private:
    Connection& connection_;
  };

  Statement statement(std::string_view sql);
  /// Runs statements that have no parameters and whose rows nobody wants.
  void execute(const char* sql);
  std::int64_t read_integer(std::string_view sql);

  /// execute() for what may find the file busy without SQLite asking anyone to wait.
  void execute_when_free(const char* sql);

  bool in_transaction() const noexcept;
  /// COMMIT. Errors: as error(), or indeterminate; the transaction is over either way.
  void commit();
  /// ROLLBACK, if there is a transaction. It needs no memory, so that none is left open when there
  /// is none.
  void rollback() noexcept;
  /// Runs `sql`, which undoes a savepoint; if that fails, the whole transaction is rolled back.
  void roll_back_to_savepoint(const char* sql) noexcept;

  /// Errors: those of DatabaseFile::require_in_place().
  void require_same_file() const { settings_.file.require_in_place(); }

  /// The error for the last result: of the call, if it is over; else of SQLite.
  Error error(int result) const;

  const std::filesystem::path& path() const noexcept { return settings_.file.path; }

 private:
  friend class Statement;

  static int on_busy(void* self, int tries) noexcept;
  static int on_progress(void* self) noexcept;
  bool wait_for_lock(int tries) noexcept;
  bool call_is_over() const noexcept;
  void configure(Access access);
  StatementHandle prepare_lasting(std::string_view sql);
  PreparedStatement& prepare(std::string_view sql);

  ConnectionSettings settings_;
  std::unique_ptr<sqlite3, CloseConnection> database_;
  // After database_: statements are finalized first.
  StatementHandle rollback_;
  std::vector<std::unique_ptr<PreparedStatement>> statements_;
  std::uint64_t uses_ = 0;
  const Call* call_ = nullptr;
  std::chrono::steady_clock::time_point busy_since_;
};

/// Lets all reads in its lifetime see the same state. Ended, not committed: there is nothing to
/// keep.
class Snapshot {
 public:
  explicit Snapshot(Connection& connection) : connection_(connection) {
    connection_.execute("BEGIN");
  }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  ~Snapshot() { connection_.rollback(); }

 private:
  Connection& connection_;
};

}  // namespace kist::sqlite
