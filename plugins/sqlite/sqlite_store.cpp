// SPDX-License-Identifier: Apache-2.0
#include "sqlite_store.hpp"

#include <string>
#include <utility>

#include "database_file.hpp"
#include "list_query.hpp"
#include "schema.hpp"
#include "secret_rows.hpp"

namespace kist::sqlite {

void SqliteStore::initialize(Call& call) {
  const ConnectionSettings settings{prepare_database_file(config().path), config().busy_timeout,
                                    config().cache_kib};
  auto connection = std::make_unique<Connection>(settings, Access::write, call);
  {
    const Connection::CallScope scope(*connection, call);
    open_schema(*connection, deployment_id());
  }
  read_lock_ = std::make_unique<SharedReadLock>(settings);
  writes_ = std::make_unique<WriteQueue>(std::move(connection));
  readers_ = std::make_unique<ConnectionPool>(settings,
                                              static_cast<std::size_t>(config().read_connections));
}

ConnectionPool::Lease SqliteStore::reader(const Call& call) {
  read_lock_->expect_read();
  return readers_->lease(call);
}

void SqliteStore::write(const Call& call, const WriteQueue::Work& work) {
  const SharedReadLock::Pause pause(*read_lock_);
  writes_->run(call, work);
}

Secret SqliteStore::create_secret(Call& call, Secret secret) {
  secret.revision = 1;
  const ValuesBlob values(secret.values);
  write(call, [&](Connection& connection) { insert_secret(connection, secret, values); });
  return secret;
}

Secret SqliteStore::get_secret(Call& call, const Uuid& id) {
  const auto connection = reader(call);
  return load_secret(*connection, id);
}

void SqliteStore::list_secrets(Call& call, const ListQuery& query, ListSink& sink) {
  call.check();
  const auto connection = reader(call);
  const Snapshot snapshot(*connection);
  if (query.with_total) {
    const BoundSql sql = total_sql(query);
    Statement count = connection->statement(sql.text);
    sql.bind_to(count);
    count.step();
    sink.total(static_cast<std::uint64_t>(count.integer(0).value_or(0)));
  }
  const BoundSql sql = rows_sql(query);
  Statement rows = connection->statement(sql.text);
  sql.bind_to(rows);
  while (rows.step()) {
    const auto row = read_metadata(rows);
    if (!row) {
      log_warning("sqlite: a listing leaves out a row of '" + config().path.string() +
                  "' whose id cannot be read");
    } else if (!sink.item(*row)) {
      return;
    }
  }
}

Secret SqliteStore::update_secret(Call& call, const SecretUpdate& update) {
  Secret changed;
  write(call, [&](Connection& connection) { changed = change_secret(connection, update); });
  return changed;
}

void SqliteStore::delete_secret(Call& call, const Uuid& id,
                                std::optional<std::uint64_t> if_revision) {
  write(call, [&](Connection& connection) { erase_secret(connection, id, if_revision); });
}

void SqliteStore::check_health(Call& call) {
  call.check();
  const auto connection = reader(call);
  connection->require_same_file();
  connection->read_integer("SELECT count(*) FROM deployment");
}

}  // namespace kist::sqlite
