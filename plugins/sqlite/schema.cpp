// SPDX-License-Identifier: Apache-2.0
#include "schema.hpp"

#include <string>
#include <string_view>

namespace kist::sqlite {

namespace {

// `secrets` has no values, so that a listing cannot read any (ST-7). Its unique indexes are ST-2;
// the others are the orders in which pages are cut, for all secrets and within one workspace. They
// end with what says who may see a row, so that the rows before a page are passed in the index
// alone.
constexpr const char* kTables = R"(
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
)";

// How many secrets there are of each owner and scope: a page owes an exact total, and must not
// count a million rows for it. The columns have the names that they have in `secrets`.
constexpr const char* kCounts = R"(
CREATE TABLE secret_counts (
  workspace_id BLOB NOT NULL,
  scope TEXT NOT NULL,
  user_id BLOB NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, scope, user_id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER count_created AFTER INSERT ON secrets BEGIN
  INSERT INTO secret_counts VALUES (new.workspace_id, new.scope, new.user_id, 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER count_deleted AFTER DELETE ON secrets BEGIN
  UPDATE secret_counts SET n = n - 1
    WHERE workspace_id = old.workspace_id AND scope = old.scope AND user_id = old.user_id;
  DELETE FROM secret_counts
    WHERE workspace_id = old.workspace_id AND scope = old.scope AND user_id = old.user_id
      AND n <= 0;
END;
CREATE TRIGGER count_moved AFTER UPDATE OF scope ON secrets WHEN old.scope <> new.scope BEGIN
  UPDATE secret_counts SET n = n - 1
    WHERE workspace_id = old.workspace_id AND scope = old.scope AND user_id = old.user_id;
  DELETE FROM secret_counts
    WHERE workspace_id = old.workspace_id AND scope = old.scope AND user_id = old.user_id
      AND n <= 0;
  INSERT INTO secret_counts VALUES (new.workspace_id, new.scope, new.user_id, 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
END;

INSERT INTO secret_counts
  SELECT workspace_id, scope, user_id, count(*) FROM secrets GROUP BY 1, 2, 3;
)";

constexpr const char* kSteps[] = {kTables, kCounts};

Error refused(const Connection& connection, const std::string& reason) {
  return {ErrorCode::failed_precondition,
          "sqlite: cannot use '" + connection.path().string() + "': " + reason};
}

/// In a transaction, so that the marks that it reads are of one moment: another process may be
/// making the file.
std::int64_t version_of(Connection& connection) {
  const auto latest = static_cast<std::int64_t>(schema_steps().size());
  const std::int64_t application = connection.read_integer("PRAGMA application_id");
  const std::int64_t version = connection.read_integer("PRAGMA user_version");
  const bool is_empty = connection.read_integer("SELECT count(*) FROM sqlite_schema") == 0;
  if (application != kApplicationId && !(is_empty && application == 0 && version == 0))
    throw refused(connection, "it is a database, but not one of a Kist store");
  if (version < 0 || version > latest) {
    throw refused(connection, "its schema has version " + std::to_string(version) +
                                  ", and this plugin knows versions up to " +
                                  std::to_string(latest));
  }
  return version;
}

void require_log(Connection& connection) {
  // Two that switch a new file at once do not wait for each other.
  connection.execute_when_free("PRAGMA journal_mode = WAL");
  Statement query = connection.statement("PRAGMA journal_mode");
  if (!query.step() || query.text(0) != "wal")
    throw refused(connection, "its file system does not allow a write-ahead log");
}

void require_deployment(Connection& connection, const Uuid& deployment_id) {
  Statement query = connection.statement("SELECT id FROM deployment");
  const auto owner = query.step() ? query.uuid(0) : std::nullopt;
  if (!owner) {
    throw Error(ErrorCode::corrupt,
                "sqlite: '" + connection.path().string() + "' does not say whose secrets it holds");
  }
  if (*owner != deployment_id) {
    throw refused(connection, "it holds the secrets of deployment " + owner->to_string() +
                                  ", and this is deployment " + deployment_id.to_string() +
                                  "; give that deployment_id in the configuration, or restore "
                                  "kist-deployment.json beside the file");
  }
}

void migrate(Connection& connection, const Uuid& deployment_id) {
  // Someone else may have done it since we looked.
  const std::int64_t version = version_of(connection);
  const auto steps = schema_steps();
  for (auto step = static_cast<std::size_t>(version); step < steps.size(); ++step)
    connection.execute(steps[step]);
  if (version == 0) {
    Statement insert = connection.statement("INSERT INTO deployment VALUES (1, ?1)");
    insert.bind(1, deployment_id).step();
  }
  connection.execute(("PRAGMA application_id = " + std::to_string(kApplicationId) +
                      "; PRAGMA user_version = " + std::to_string(steps.size()))
                         .c_str());
}

}  // namespace

std::span<const char* const> schema_steps() { return kSteps; }

void open_schema(Connection& connection, const Uuid& deployment_id) {
  const auto latest = static_cast<std::int64_t>(schema_steps().size());
  std::int64_t found = 0;
  {
    const Snapshot snapshot(connection);
    found = version_of(connection);
  }
  // Before anything is changed: the file of another deployment stays as it is.
  if (found != 0) require_deployment(connection, deployment_id);
  require_log(connection);
  if (found == latest) return;

  connection.execute("BEGIN IMMEDIATE");
  try {
    migrate(connection, deployment_id);
    connection.commit();
  } catch (const std::exception&) {
    connection.rollback();
    throw;
  }
  require_deployment(connection, deployment_id);
}

}  // namespace kist::sqlite
