// SPDX-License-Identifier: Apache-2.0
#include "import/zenml_row.hpp"

#include <sqlite3.h>

#include <string_view>
#include <utility>

#include "secrets/time_text.hpp"
#include "secrets/validation.hpp"
#include "text/printable.hpp"

namespace kist::core {
namespace {

struct Column {
  enum : int { id, name, created, updated, user_id, values, scope, workspace_id, internal };
};

std::string_view bytes_of(sqlite3_stmt* row, int column) {
  // In this order: the first may convert the text, and the second gives the size of the result.
  const auto* const data = static_cast<const char*>(::sqlite3_column_blob(row, column));
  const int size = ::sqlite3_column_bytes(row, column);
  return data == nullptr ? std::string_view()
                         : std::string_view(data, static_cast<std::size_t>(size));
}

std::optional<bool> boolean_column(sqlite3_stmt* row, int column) {
  if (::sqlite3_column_type(row, column) != SQLITE_INTEGER) return std::nullopt;
  const std::int64_t value = ::sqlite3_column_int64(row, column);
  if (value != 0 && value != 1) return std::nullopt;
  return value == 1;
}

/// The flag `private` as 0 or 1, or the older word.
std::optional<Scope> scope_column(sqlite3_stmt* row, int column) {
  if (const auto is_private = boolean_column(row, column))
    return *is_private ? Scope::user : Scope::workspace;
  const auto text = text_column(row, column);
  for (const Scope scope : {Scope::workspace, Scope::user}) {
    if (text && *text == to_string(scope)) return scope;
  }
  return std::nullopt;
}

/// Python's datetime in UTC, as SQLAlchemy writes it: '2023-05-04 12:34:56.123456'.
std::optional<Timestamp> time_column(sqlite3_stmt* row, int column) {
  const auto text = text_column(row, column);
  const auto time = text ? parse_time(*text) : std::nullopt;
  if (!time) return std::nullopt;
  return time->time;
}

/// The name of the first column that cannot be read. Nothing: `secret` is filled in.
std::optional<std::string_view> fill(ZenmlSecret& secret, sqlite3_stmt* row, bool has_workspace) {
  const auto take = [&](auto& target, const auto& value) {
    if (value) target = *value;
    return value.has_value();
  };
  if (!take(secret.id, uuid_column(row, Column::id)) || secret.id == Uuid{}) return "id";
  if (!text_column(row, Column::name)) return "name";
  if (!take(secret.scope, scope_column(row, Column::scope))) return "private or scope";
  if (!take(secret.created, time_column(row, Column::created))) return "created";
  if (!take(secret.updated, time_column(row, Column::updated))) return "updated";
  if (!take(secret.owner.id, uuid_column(row, Column::user_id))) return "user_id";
  // Both generations have, for a while, rows without one.
  if (has_workspace && ::sqlite3_column_type(row, Column::workspace_id) != SQLITE_NULL) {
    secret.workspace.emplace();
    if (!take(secret.workspace->id, uuid_column(row, Column::workspace_id))) return "workspace_id";
  }
  if (::sqlite3_column_type(row, Column::internal) != SQLITE_NULL &&
      !take(secret.internal, boolean_column(row, Column::internal)))
    return "internal";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> text_column(sqlite3_stmt* row, int column) {
  if (::sqlite3_column_type(row, column) != SQLITE_TEXT) return std::nullopt;
  const auto* const data = reinterpret_cast<const char*>(::sqlite3_column_text(row, column));
  const auto size = static_cast<std::size_t>(::sqlite3_column_bytes(row, column));
  if (data == nullptr || size > kMaxNameBytes || !is_utf8({data, size})) return std::nullopt;
  return std::string(data, size);
}

std::optional<Uuid> uuid_column(sqlite3_stmt* row, int column) {
  const auto text = text_column(row, column);
  if (!text) return std::nullopt;
  return Uuid::parse(*text);
}

ZenmlSecret secret_of_row(sqlite3_stmt* row, bool has_workspace) {
  ZenmlSecret secret;
  secret.id_text = text_column(row, Column::id).value_or("");
  secret.name_text = text_column(row, Column::name).value_or("");
  if (const auto fault = fill(secret, row, has_workspace)) {
    secret.fault = "its column " + std::string(*fault) + " holds nothing that ZenML writes there";
    return secret;
  }
  secret.id_text = secret.id.to_string();
  // Text where it is encrypted; ZenML hands SQLite bytes where it is not.
  const int type = ::sqlite3_column_type(row, Column::values);
  if (type == SQLITE_TEXT || type == SQLITE_BLOB) {
    const std::string_view stored = bytes_of(row, Column::values);
    if (!stored.empty()) secret.stored.emplace(stored);
  } else if (type != SQLITE_NULL) {
    secret.fault = "its column values holds nothing that ZenML writes there";
  }
  return secret;
}

}  // namespace kist::core
