// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <kist/models.hpp>
#include <kist/secret_value.hpp>

struct sqlite3;
struct sqlite3_stmt;

namespace kist::core {

/// The most that ZenML's widest column for values holds (MEDIUMTEXT).
inline constexpr std::size_t kZenmlStoredBytesMax = std::size_t{16} << 20;

/// A user or workspace that a secret refers to.
struct ZenmlReference {
  Uuid id;
  std::string name;  ///< Empty: the database does not have it, or has the name twice.
};

/// One row of the table `secret`.
struct ZenmlSecret {
  std::string id_text, name_text;  ///< What can be said of it in any case.
  std::string fault;  ///< Not empty: the row cannot be read, and what follows counts for nothing.

  Uuid id;
  Scope scope = Scope::workspace;
  ZenmlReference owner;
  std::optional<ZenmlReference> workspace;  ///< Nothing: its generation has none.
  Timestamp created, updated;
  bool internal = false;              ///< ZenML's own: the credentials of a service connector.
  std::optional<SecretValue> stored;  ///< As ZenmlValues opens it; nothing: not kept here.
};

/// A ZenML database in SQLite, opened for reading, and its table `secret` in either of its forms:
///   from 2023  scope ('workspace' or 'user') and workspace_id
///   from 2025  private (0 or 1); later ones also internal (0 or 1)
/// It is read as any reader of SQLite does, so that a server may write to it meanwhile; one in WAL
/// mode that nobody has open is read as a file that does not change, which leaves no files beside
/// it. Nothing in it is trusted. One thread at a time.
///
/// Errors, all with the path: not_found, permission_denied; invalid_argument: no such database;
/// unavailable: it is locked; failed_precondition: a write to it was interrupted; corrupt.
class ZenmlDatabase {
 public:
  explicit ZenmlDatabase(const std::filesystem::path& path);

  /// The numbers of all rows, the oldest secret first.
  std::vector<std::int64_t> rows();

  /// Errors: not_found: the row has gone.
  ZenmlSecret read(std::int64_t row);

 private:
  struct Close {
    void operator()(sqlite3* database) const noexcept;
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

  void open();
  void configure();
  void find_shape();
  Statement prepare(const std::string& sql) const;
  bool step(sqlite3_stmt* statement) const;
  bool has_table(std::string_view name) const;
  std::vector<std::string> columns_of_secret() const;
  std::map<Uuid, std::string> names_in(const std::string& table) const;
  [[noreturn]] void refuse(int result) const;
  [[noreturn]] void refuse_shape(const std::string& why) const;
  std::string described() const;

  std::filesystem::path path_;
  std::unique_ptr<sqlite3, Close> database_;
  Statement select_row_;
  bool has_workspaces_ = false;
  std::map<Uuid, std::string> users_, workspaces_;
};

}  // namespace kist::core
