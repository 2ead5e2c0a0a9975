// SPDX-License-Identifier: Apache-2.0
#include "secret_rows.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace kist::sqlite {

namespace {

constexpr int kContentColumn = 8;  // Behind the metadata.
constexpr std::size_t kNameBytesMax = 255 * 4;

constexpr std::string_view kLoad =
    "SELECT s.id, s.name, s.scope, s.workspace_id, s.user_id, s.created, s.updated, s.revision,"
    " v.content FROM secrets AS s LEFT JOIN secret_values AS v ON v.secret_id = s.id"
    " WHERE s.id = ?1";

Error not_found(const Uuid& id) {
  return {ErrorCode::not_found, "there is no secret with id " + id.to_string()};
}

Error name_taken(const std::string& name, Scope scope) {
  return {ErrorCode::already_exists, "a secret named '" + name + "' exists in the " +
                                         std::string(to_string(scope)) + " scope"};
}

Error unreadable(const Uuid& id, std::string_view part) {
  return {ErrorCode::corrupt, "sqlite: " + std::string(part) + " of secret " + id.to_string() +
                                  " cannot be read from the database"};
}

std::optional<Scope> scope_from(std::optional<std::string_view> text) {
  for (const Scope scope : {Scope::workspace, Scope::user}) {
    if (text == to_string(scope)) return scope;
  }
  return std::nullopt;
}

/// Takes what a column gave, if it gave something.
template <class Member, class Value>
bool take(Member& member, const std::optional<Value>& value) {
  if (value) member = Member(*value);
  return value.has_value();
}

std::int64_t microseconds(Timestamp time) { return time.time_since_epoch().count(); }

std::optional<Timestamp> time_from(std::optional<std::int64_t> value) {
  if (!value) return std::nullopt;
  return Timestamp(std::chrono::microseconds(*value));
}

void require_revision(Connection& connection, const Uuid& id,
                      std::optional<std::uint64_t> if_revision) {
  Statement query = connection.statement("SELECT revision FROM secrets WHERE id = ?1");
  query.bind(1, id);
  if (!query.step()) throw not_found(id);
  const auto revision = query.integer(0);
  if (if_revision && (!revision || static_cast<std::uint64_t>(*revision) != *if_revision)) {
    throw Error(ErrorCode::conflict,
                "secret " + id.to_string() + " is not at revision " + std::to_string(*if_revision));
  }
}

void write_values(Connection& connection, const Uuid& id, const ValuesBlob& values) {
  Statement write = connection.statement(
      "INSERT INTO secret_values (secret_id, content) VALUES (?1, ?2)"
      " ON CONFLICT DO UPDATE SET content = excluded.content");
  write.bind(1, id).bind_blob(2, values.reveal()).step();
}

SecretValues load_values(Connection& connection, const Uuid& id) {
  Statement query = connection.statement("SELECT content FROM secret_values WHERE secret_id = ?1");
  query.bind(1, id);
  const auto content = query.step() ? query.blob(0) : std::nullopt;
  auto values = content ? read_values_blob(*content) : std::nullopt;
  if (!values) throw unreadable(id, "the values");
  return std::move(*values);
}

/// Only what changes is written: an index is rewritten for each of its columns that is named.
int change_columns(Connection& connection, const SecretUpdate& update) {
  if (!update.name && !update.scope) {
    Statement touch = connection.statement(
        "UPDATE secrets SET updated = ?2, revision = revision + 1 WHERE id = ?1");
    return touch.bind(1, update.id).bind(2, microseconds(update.updated)).run();
  }
  Statement change = connection.statement(
      "UPDATE secrets SET name = coalesce(?3, name), scope = coalesce(?4, scope),"
      " updated = ?2, revision = revision + 1 WHERE id = ?1");
  change.bind(1, update.id).bind(2, microseconds(update.updated));
  if (update.name) change.bind_text(3, *update.name);
  if (update.scope) change.bind_text(4, to_string(*update.scope));
  return change.run();
}

/// The name and scope that the update would have given.
Error wanted_name_taken(Connection& connection, const SecretUpdate& update) {
  Statement query = connection.statement("SELECT name, scope FROM secrets WHERE id = ?1");
  query.bind(1, update.id).step();
  return name_taken(update.name ? *update.name : std::string(query.text(0).value_or("")),
                    update.scope.value_or(scope_from(query.text(1)).value_or(Scope::workspace)));
}

}  // namespace

std::optional<SecretMetadata> read_metadata(const Statement& row) {
  SecretMetadata record;
  if (!take(record.id, row.uuid(0))) return std::nullopt;
  // No && here: each part that can be read is wanted.
  int read = 0;
  read += take(record.name, row.text(1));
  read += take(record.scope, scope_from(row.text(2)));
  read += take(record.workspace_id, row.uuid(3));
  read += take(record.user_id, row.uuid(4));
  read += take(record.created, time_from(row.integer(5)));
  read += take(record.updated, time_from(row.integer(6)));
  read += take(record.revision, row.integer(7));
  const bool is_in_range = !record.name.empty() && record.name.size() <= kNameBytesMax &&
                           record.revision >= 1 && record.revision <= INT64_MAX;
  record.readable = read == 7 && is_in_range;
  return record;
}

Secret load_secret(Connection& connection, const Uuid& id) {
  Statement query = connection.statement(kLoad);
  query.bind(1, id);
  if (!query.step()) throw not_found(id);
  auto record = read_metadata(query);
  if (!record || !record->readable) throw unreadable(id, "a part");
  const auto content = query.blob(kContentColumn);
  auto values = content ? read_values_blob(*content) : std::nullopt;
  if (!values) throw unreadable(id, "the values");
  return Secret{std::move(*record), std::move(*values)};
}

void insert_secret(Connection& connection, const SecretMetadata& record, const ValuesBlob& values) {
  Statement insert = connection.statement(
      "INSERT INTO secrets (id, name, scope, workspace_id, user_id, created, updated, revision)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
  insert.bind(1, record.id)
      .bind_text(2, record.name)
      .bind_text(3, to_string(record.scope))
      .bind(4, record.workspace_id)
      .bind(5, record.user_id)
      .bind(6, microseconds(record.created))
      .bind(7, microseconds(record.updated))
      .bind(8, static_cast<std::int64_t>(record.revision));
  switch (const int result = insert.run()) {
    case SQLITE_OK:
      break;
    case SQLITE_CONSTRAINT_PRIMARYKEY:
      throw Error(ErrorCode::already_exists,
                  "a secret with id " + record.id.to_string() + " exists");
    case SQLITE_CONSTRAINT_UNIQUE:
      throw name_taken(record.name, record.scope);
    default:
      throw connection.error(result);
  }
  write_values(connection, record.id, values);
}

Secret change_secret(Connection& connection, const SecretUpdate& update) {
  require_revision(connection, update.id, update.if_revision);
  switch (const int result = change_columns(connection, update)) {
    case SQLITE_OK:
      break;
    case SQLITE_CONSTRAINT_UNIQUE:
      throw wanted_name_taken(connection, update);
    case SQLITE_CONSTRAINT_CHECK:
      throw unreadable(update.id, "a part");
    default:
      throw connection.error(result);
  }
  if (update.values) {
    SecretValues values;
    if (!update.replace_values) values = load_values(connection, update.id);
    update.values->apply_to(values);
    write_values(connection, update.id, ValuesBlob(values));
  }
  return load_secret(connection, update.id);
}

void erase_secret(Connection& connection, const Uuid& id,
                  std::optional<std::uint64_t> if_revision) {
  require_revision(connection, id, if_revision);
  Statement erase = connection.statement("DELETE FROM secrets WHERE id = ?1");
  erase.bind(1, id).step();
}

}  // namespace kist::sqlite
