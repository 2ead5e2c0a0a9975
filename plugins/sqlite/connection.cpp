// SPDX-License-Identifier: Apache-2.0
#include "connection.hpp"

#include <poll.h>

#include <algorithm>
#include <utility>

#include "sqlite_error.hpp"

namespace kist::sqlite {

namespace {

using std::chrono::milliseconds;

/// How many statements a connection keeps prepared. The fixed ones are a dozen; those of lists
/// come and go with their filters.
constexpr std::size_t kStatementsMax = 48;
/// Steps of SQLite's machine between two looks at the call: some tens of microseconds.
constexpr int kStepsBetweenLooks = 4096;
constexpr milliseconds kBusyPause{2}, kBusyPauseMax{20};
/// In pages of 4 KiB: how long the log grows until a commit moves it into the database.
constexpr const char* kWriterPragmas =
    "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;"
    "PRAGMA journal_size_limit = 67108864;";

void set_option(sqlite3* database, int option, int value) {
  sqlite3_db_config(database, option, value, nullptr);
}

std::string in_quotes(const std::filesystem::path& path) { return "'" + path.string() + "'"; }

}  // namespace

Connection::Connection(const ConnectionSettings& settings, Access access, const Call& call)
    : settings_(settings) {
  require_same_file();
  sqlite3* database = nullptr;
  const int result =
      sqlite3_open_v2(path().c_str(), &database,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, nullptr);
  database_.reset(database);
  if (result != SQLITE_OK) {
    const int extended = database == nullptr ? result : sqlite3_extended_errcode(database);
    const int system_errno = database == nullptr ? 0 : sqlite3_system_errno(database);
    throw error_from(extended, system_errno, "open " + in_quotes(path()));
  }
  // Where it may not write, SQLite opens for reading without a word.
  if (sqlite3_db_readonly(database, "main") != 0)
    throw error_from(SQLITE_READONLY, 0, "open " + in_quotes(path()));
  // A connection that is opened later must not find another file than the first one.
  require_same_file();
  const CallScope scope(*this, call);
  configure(access);
}

void Connection::configure(Access access) {
  sqlite3* const database = database_.get();
  sqlite3_extended_result_codes(database, 1);
  sqlite3_busy_handler(database, &Connection::on_busy, this);
  set_option(database, SQLITE_DBCONFIG_DEFENSIVE, 1);
  set_option(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0);
  set_option(database, SQLITE_DBCONFIG_ENABLE_FKEY, 1);
  set_option(database, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0);
  set_option(database, SQLITE_DBCONFIG_DQS_DML, 0);
  set_option(database, SQLITE_DBCONFIG_DQS_DDL, 0);
  // Sorting must not put names into files under /tmp; a mapped file that shrinks kills the host.
  execute("PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON");
  rollback_ = prepare_lasting("ROLLBACK");
  execute(("PRAGMA cache_size = -" + std::to_string(settings_.cache_kib)).c_str());
  if (access == Access::write) {
    execute(kWriterPragmas);
    execute("PRAGMA secure_delete = ON");
    return;
  }
  execute("PRAGMA query_only = ON");
  // Not for the writer: an interrupted write takes its whole transaction with it, and with that the
  // writes of others.
  sqlite3_progress_handler(database, kStepsBetweenLooks, &Connection::on_progress, this);
}

Statement Connection::statement(std::string_view sql) { return {*this, prepare(sql)}; }

StatementHandle Connection::prepare_lasting(std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  const int result = sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  if (result != SQLITE_OK) throw error(result);
  return StatementHandle(handle);
}

PreparedStatement& Connection::prepare(std::string_view sql) {
  const auto kept = std::find_if(statements_.begin(), statements_.end(), [&](const auto& prepared) {
    return !prepared->in_use && prepared->sql == sql;
  });
  if (kept != statements_.end()) {
    (*kept)->last_use = ++uses_;
    return **kept;
  }
  if (statements_.size() >= kStatementsMax) {
    const auto oldest = std::min_element(
        statements_.begin(), statements_.end(), [](const auto& one, const auto& other) {
          return std::pair(one->in_use, one->last_use) < std::pair(other->in_use, other->last_use);
        });
    if (!(*oldest)->in_use) statements_.erase(oldest);
  }
  auto prepared = std::make_unique<PreparedStatement>();
  prepared->handle = prepare_lasting(sql);
  prepared->sql = sql;
  prepared->last_use = ++uses_;
  statements_.push_back(std::move(prepared));
  return *statements_.back();
}

void Connection::execute(const char* sql) {
  const int result = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) throw error(result);
}

void Connection::execute_when_free(const char* sql) {
  for (int tries = 0;; ++tries) {
    const int result = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
    if (result == SQLITE_OK) return;
    if ((result & 0xff) != SQLITE_BUSY || !wait_for_lock(tries)) throw error(result);
  }
}

std::int64_t Connection::read_integer(std::string_view sql) {
  Statement query = statement(sql);
  query.step();
  return query.integer(0).value_or(0);
}

bool Connection::in_transaction() const noexcept {
  return sqlite3_get_autocommit(database_.get()) == 0;
}

void Connection::commit() {
  const int result = sqlite3_exec(database_.get(), "COMMIT", nullptr, nullptr, nullptr);
  if (result == SQLITE_OK) return;
  const Error failure = commit_error_from(result, sqlite3_system_errno(database_.get()),
                                          "write to " + in_quotes(path()));
  rollback();
  throw failure;
}

void Connection::rollback() noexcept {
  if (!in_transaction()) return;
  sqlite3_step(rollback_.get());
  sqlite3_reset(rollback_.get());
}

void Connection::roll_back_to_savepoint(const char* sql) noexcept {
  if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) rollback();
}

Error Connection::error(int result) const {
  if (call_ != nullptr && ((result & 0xff) == SQLITE_INTERRUPT || (result & 0xff) == SQLITE_BUSY)) {
    if (call_->is_cancelled()) return {ErrorCode::cancelled, "the call was cancelled"};
    if (call_->remaining().count() == 0)
      return {ErrorCode::deadline_exceeded, "the deadline of the call has passed"};
  }
  Error failure =
      error_from(result, sqlite3_system_errno(database_.get()), "use " + in_quotes(path()));
  if ((result & 0xff) == SQLITE_BUSY) failure.retry_after = milliseconds(100);
  return failure;
}

int Connection::on_busy(void* self, int tries) noexcept {
  return static_cast<Connection*>(self)->wait_for_lock(tries) ? 1 : 0;
}

int Connection::on_progress(void* self) noexcept {
  return static_cast<Connection*>(self)->call_is_over() ? 1 : 0;
}

bool Connection::call_is_over() const noexcept {
  return call_ != nullptr && (call_->is_cancelled() || call_->remaining().count() == 0);
}

bool Connection::wait_for_lock(int tries) noexcept {
  const auto now = std::chrono::steady_clock::now();
  if (tries == 0) busy_since_ = now;
  if (now - busy_since_ >= settings_.busy_timeout || call_is_over()) return false;
  const milliseconds pause = std::min(kBusyPauseMax, kBusyPause * (tries + 1));
  // A descriptor of -1 is never ready: then this only waits.
  pollfd cancelled{call_ == nullptr ? -1 : call_->cancel_fd(), POLLIN, 0};
  ::poll(&cancelled, 1, static_cast<int>(pause.count()));
  return true;
}

}  // namespace kist::sqlite
