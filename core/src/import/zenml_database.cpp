// SPDX-License-Identifier: Apache-2.0
#include "import/zenml_database.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <set>
#include <system_error>

#include <kist/error.hpp>

#include "import/zenml_row.hpp"
#include "secrets/validation.hpp"
#include "text/printable.hpp"

namespace kist::core {
namespace {

namespace fs = std::filesystem;

constexpr int kBusyTimeoutMs = 5000;
/// SQLite gives up on what is longer; base64 and the row's other columns come on top of the values.
constexpr int kRowBytesMax = static_cast<int>(kZenmlStoredBytesMax) * 2;
/// Users or workspaces whose names are looked at: more than any server has.
constexpr int kNamesMax = 100'000;

/// As a URI, since only there SQLite takes more than a name. RFC 3986: what is not unreserved is
/// escaped.
std::string uri_of(const fs::path& path, std::string_view query) {
  constexpr std::string_view unreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char c : path.native()) {
    const auto byte = static_cast<unsigned char>(c);
    if (unreserved.find(c) != std::string_view::npos)
      uri += c;
    else
      uri.append({'%', digits[byte >> 4], digits[byte & 15]});
  }
  return uri.append(query);
}

/// Whether the file is in WAL mode: bytes 18 and 19 of its header, both 2
/// (https://www.sqlite.org/fileformat2.html).
bool is_in_wal_mode(const fs::path& path) {
  std::array<char, 20> header{};
  std::ifstream(path, std::ios::binary).read(header.data(), header.size());
  return header[18] == 2 && header[19] == 2;
}

/// A reader of a database in WAL mode makes two files beside it, and leaves them there if it may
/// not write. Where there are none, nobody has the database open, and it can be read without.
bool is_at_rest(const fs::path& path) {
  return is_in_wal_mode(path) && !fs::exists(path.native() + "-wal") &&
         !fs::exists(path.native() + "-shm");
}

bool has(const std::vector<std::string>& columns, std::string_view name) {
  return std::ranges::find(columns, name) != columns.end();
}

ZenmlSecret too_large(const std::string& row) {
  ZenmlSecret secret;
  secret.id_text = row;
  secret.fault = "it is larger than anything that ZenML stores";
  return secret;
}

ErrorCode code_of(const std::error_code& failed) {
  if (failed == std::errc::permission_denied) return ErrorCode::permission_denied;
  return ErrorCode::not_found;
}

}  // namespace

void ZenmlDatabase::Close::operator()(sqlite3* database) const noexcept {
  ::sqlite3_close(database);
}
void ZenmlDatabase::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  ::sqlite3_finalize(statement);
}

ZenmlDatabase::ZenmlDatabase(const fs::path& path) : path_(path) {
  open();
  configure();
  find_shape();
  users_ = names_in("user");
  // The table was renamed in between.
  workspaces_ = names_in("workspace");
  if (workspaces_.empty()) workspaces_ = names_in("project");
}

std::string ZenmlDatabase::described() const { return in_quotes(path_.native(), 4096); }

void ZenmlDatabase::refuse_shape(const std::string& why) const {
  throw Error(ErrorCode::invalid_argument, described() + " is no ZenML database: " + why);
}

/// SQLite's own message is left out: it may quote what is stored.
void ZenmlDatabase::refuse(int result) const {
  const std::string cannot = "cannot read " + described() + ": ";
  switch (result & 0xff) {
    case SQLITE_NOTADB:
      throw Error(ErrorCode::invalid_argument, described() + " is no SQLite database");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw Error(ErrorCode::unavailable, cannot + "another program holds it locked; try again");
    case SQLITE_READONLY:
      throw Error(ErrorCode::failed_precondition,
                  cannot + "a write to it was interrupted; start ZenML once, which completes it");
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      throw Error(ErrorCode::permission_denied,
                  cannot + "the file, or the files -wal and -shm beside it, cannot be opened");
    case SQLITE_CORRUPT:
      throw Error(ErrorCode::corrupt, cannot + "it is damaged");
    case SQLITE_NOMEM:
      throw Error(ErrorCode::resource_exhausted, cannot + "there is not enough memory");
    default:
      throw Error(ErrorCode::unavailable, cannot + ::sqlite3_errstr(result));
  }
}

void ZenmlDatabase::open() {
  std::error_code failed;
  const fs::path resolved = fs::canonical(path_, failed);
  const bool is_file = !failed && fs::is_regular_file(resolved, failed);
  if (failed) throw Error(code_of(failed), "cannot open " + described() + ": " + failed.message());
  if (!is_file) throw Error(ErrorCode::invalid_argument, described() + " is no regular file");
  const std::string uri =
      uri_of(resolved, is_at_rest(resolved) ? "?mode=ro&immutable=1" : "?mode=ro");
  sqlite3* database = nullptr;
  const int result =
      ::sqlite3_open_v2(uri.c_str(), &database,
                        SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
  database_.reset(database);
  if (result != SQLITE_OK) refuse(result);
}

void ZenmlDatabase::configure() {
  sqlite3* const database = database_.get();
  ::sqlite3_extended_result_codes(database, 1);
  ::sqlite3_busy_timeout(database, kBusyTimeoutMs);
  ::sqlite3_limit(database, SQLITE_LIMIT_LENGTH, kRowBytesMax);
  for (const int option : {SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION,
                           SQLITE_DBCONFIG_ENABLE_VIEW, SQLITE_DBCONFIG_ENABLE_TRIGGER})
    ::sqlite3_db_config(database, option, 0, nullptr);
  ::sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  // Values that are not encrypted must not get into files under /tmp.
  const int result = ::sqlite3_exec(
      database, "PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON",
      nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) refuse(result);
}

ZenmlDatabase::Statement ZenmlDatabase::prepare(const std::string& sql) const {
  sqlite3_stmt* statement = nullptr;
  const int result = ::sqlite3_prepare_v2(database_.get(), sql.c_str(),
                                          static_cast<int>(sql.size()), &statement, nullptr);
  if (result == SQLITE_ERROR) refuse_shape("its table 'secret' cannot be read in ZenML's way");
  if (result != SQLITE_OK) refuse(result);
  return Statement(statement);
}

bool ZenmlDatabase::step(sqlite3_stmt* statement) const {
  const int result = ::sqlite3_step(statement);
  if (result != SQLITE_ROW && result != SQLITE_DONE) refuse(result);
  return result == SQLITE_ROW;
}

/// A view or a virtual table is none, and has no root page: behind it may be anything.
bool ZenmlDatabase::has_table(std::string_view name) const {
  const Statement statement =
      prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 AND name = ?1");
  ::sqlite3_bind_text(statement.get(), 1, name.data(), static_cast<int>(name.size()),
                      SQLITE_TRANSIENT);
  return step(statement.get());
}

std::vector<std::string> ZenmlDatabase::columns_of_secret() const {
  const Statement statement = prepare("SELECT name FROM pragma_table_info('secret')");
  std::vector<std::string> columns;
  while (step(statement.get())) columns.push_back(text_column(statement.get(), 0).value_or(""));
  return columns;
}

void ZenmlDatabase::find_shape() {
  if (!has_table("secret")) refuse_shape("it has no table 'secret'");
  const auto columns = columns_of_secret();
  for (const std::string_view name : {"id", "created", "updated", "name", "user_id", "values"}) {
    if (!has(columns, name))
      refuse_shape("its table 'secret' has no column '" + std::string(name) + "'");
  }
  const bool is_private = has(columns, "private");
  has_workspaces_ = has(columns, "workspace_id");
  if (!is_private && !(has(columns, "scope") && has_workspaces_))
    refuse_shape(
        "its table 'secret' has neither the column 'private' nor 'scope' and 'workspace_id'");
  select_row_ = prepare(
      std::string("SELECT id, name, created, updated, user_id, \"values\", ") +
      (is_private ? "private, " : "scope, ") + (has_workspaces_ ? "workspace_id, " : "NULL, ") +
      (has(columns, "internal") ? "internal" : "0") + " FROM secret WHERE rowid = ?1");
}

std::map<Uuid, std::string> ZenmlDatabase::names_in(const std::string& table) const {
  std::map<Uuid, std::string> names;
  if (!has_table(table)) return names;
  const Statement statement =
      prepare("SELECT id, name FROM \"" + table + "\" LIMIT " + std::to_string(kNamesMax));
  std::set<std::string> once, twice;
  while (step(statement.get())) {
    const auto id = uuid_column(statement.get(), 0);
    const auto name = text_column(statement.get(), 1);
    if (!id || !name || fault_of_name(*name)) continue;
    names[*id] = *name;
    if (!once.insert(*name).second) twice.insert(*name);
  }
  // A service account may have a user's name; a secret of one is not for the other.
  std::erase_if(names, [&](const auto& entry) { return twice.contains(entry.second); });
  return names;
}

std::vector<std::int64_t> ZenmlDatabase::rows() {
  const Statement statement = prepare("SELECT rowid FROM secret ORDER BY created, rowid");
  std::vector<std::int64_t> rows;
  while (step(statement.get())) rows.push_back(::sqlite3_column_int64(statement.get(), 0));
  return rows;
}

ZenmlSecret ZenmlDatabase::read(std::int64_t row) {
  // Ends the read whatever happens: it holds up ZenML's writes.
  struct Reset {
    sqlite3_stmt* statement;
    ~Reset() { ::sqlite3_reset(statement); }
  } const reset{select_row_.get()};
  ::sqlite3_bind_int64(select_row_.get(), 1, row);
  const int result = ::sqlite3_step(select_row_.get());
  const std::string row_text = "row " + std::to_string(row);
  if (result == SQLITE_TOOBIG) return too_large(row_text);
  if (result == SQLITE_DONE)
    throw Error(ErrorCode::not_found, row_text + " of " + described() + " was deleted meanwhile");
  if (result != SQLITE_ROW) refuse(result);
  ZenmlSecret secret = secret_of_row(select_row_.get(), has_workspaces_);
  if (secret.id_text.empty()) secret.id_text = row_text;
  const auto name_of = [](const auto& names, const Uuid& id) {
    const auto found = names.find(id);
    return found == names.end() ? std::string() : found->second;
  };
  secret.owner.name = name_of(users_, secret.owner.id);
  if (secret.workspace) secret.workspace->name = name_of(workspaces_, secret.workspace->id);
  return secret;
}

}  // namespace kist::core
