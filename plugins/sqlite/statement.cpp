// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "connection.hpp"

namespace kist::sqlite {

Statement::~Statement() {
  sqlite3_reset(handle());
  sqlite3_clear_bindings(handle());
  prepared_.in_use = false;
}

void Statement::check_bound(int result) const {
  if (result != SQLITE_OK) throw connection_.error(result);
}

Statement& Statement::bind(int index, std::int64_t value) {
  check_bound(sqlite3_bind_int64(handle(), index, value));
  return *this;
}

// A null pointer would bind NULL, and an empty view may have one.
Statement& Statement::bind_text(int index, std::string_view text) {
  check_bound(sqlite3_bind_text64(handle(), index, text.empty() ? "" : text.data(), text.size(),
                                  SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind_blob(int index, std::string_view bytes) {
  check_bound(sqlite3_bind_blob64(handle(), index, bytes.empty() ? "" : bytes.data(), bytes.size(),
                                  SQLITE_STATIC));
  return *this;
}

Statement& Statement::bind(int index, const Uuid& id) {
  return bind_blob(index, {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()});
}

bool Statement::step() {
  const int result = sqlite3_step(handle());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  throw connection_.error(result);
}

int Statement::run() {
  const int result = sqlite3_step(handle());
  if (result == SQLITE_DONE || result == SQLITE_ROW) return SQLITE_OK;
  if ((result & 0xff) == SQLITE_CONSTRAINT) return result;
  throw connection_.error(result);
}

std::optional<std::int64_t> Statement::integer(int column) const {
  if (sqlite3_column_type(handle(), column) != SQLITE_INTEGER) return std::nullopt;
  return sqlite3_column_int64(handle(), column);
}

std::optional<std::string_view> Statement::text(int column) const {
  if (sqlite3_column_type(handle(), column) != SQLITE_TEXT) return std::nullopt;
  return bytes(column);
}

std::optional<std::string_view> Statement::blob(int column) const {
  if (sqlite3_column_type(handle(), column) != SQLITE_BLOB) return std::nullopt;
  return bytes(column);
}

std::optional<Uuid> Statement::uuid(int column) const {
  const auto bytes = blob(column);
  Uuid id;
  if (!bytes || bytes->size() != id.bytes.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), id.bytes.begin());
  return id;
}

/// Of text too: sqlite3_column_text() would append a NUL, and copy the text for it.
std::string_view Statement::bytes(int column) const {
  const auto* const data = static_cast<const char*>(sqlite3_column_blob(handle(), column));
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(handle(), column))};
}

}  // namespace kist::sqlite
