// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include <kist/plugin.hpp>

#include "connection_pool.hpp"
#include "shared_read_lock.hpp"
#include "write_queue.hpp"

namespace kist::sqlite {

struct SqliteConfig : SecretsStoreConfiguration {
  std::filesystem::path path;
  std::chrono::milliseconds busy_timeout{};
  std::int64_t read_connections = 0;
  std::int64_t cache_kib = 0;

  static constexpr auto fields = kist::fields(
      field<&SqliteConfig::path>(
          "path", "The database file. It is created if need be; its directory must exist.")
          .required(),
      field<&SqliteConfig::busy_timeout>(
          "busy_timeout_ms", "How long a call waits for a lock that another process holds.")
          .default_value(5000)
          .range(0, 600'000),
      field<&SqliteConfig::read_connections>(
          "read_connections", "The most connections for reading, opened as they are needed.")
          .default_value(16)
          .range(1, 256),
      field<&SqliteConfig::cache_kib>("cache_kib",
                                      "The page cache of each connection, at most, in KiB.")
          .default_value(2048)
          .range(64, 4'194'304));
};

/// Secrets in an SQLite database: one file, used by any number of threads and processes of one
/// machine. Each rule of the contract is met by the database itself: names are unique by an index,
/// writes are transactions that are on disk before the call returns.
class SqliteStore final : public BaseSecretsStore<SqliteConfig> {
 public:
  static constexpr auto TYPE = SecretsStoreType::sqlite;
  using CONFIG_TYPE = SqliteConfig;
  static constexpr auto THREADING = Threading::concurrent;
  static constexpr Capabilities CAPABILITIES{
      .native_query = true, .persistent = true, .if_revision = true, .local = true};

  void initialize(Call& call) override;

  Secret create_secret(Call& call, Secret secret) override;
  Secret get_secret(Call& call, const Uuid& id) override;
  void list_secrets(Call& call, const ListQuery& query, ListSink& sink) override;
  Secret update_secret(Call& call, const SecretUpdate& update) override;
  void delete_secret(Call& call, const Uuid& id, std::optional<std::uint64_t> if_revision) override;
  void check_health(Call& call) override;

 private:
  /// A connection for one call that reads.
  ConnectionPool::Lease reader(const Call& call);
  void write(const Call& call, const WriteQueue::Work& work);

  std::unique_ptr<SharedReadLock> read_lock_;
  std::unique_ptr<ConnectionPool> readers_;
  std::unique_ptr<WriteQueue> writes_;
};

}  // namespace kist::sqlite
