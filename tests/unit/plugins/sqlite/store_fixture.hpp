// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <kist/plugin.hpp>

#include "sqlite_store.hpp"

namespace kist::sqlite::test {

/// A call that ends when it is told to.
class TestCall final : public Call {
 public:
  TestCall() = default;
  explicit TestCall(std::chrono::milliseconds time)
      : deadline_ns_((std::chrono::steady_clock::now() + time).time_since_epoch().count()) {}
  void cancel() { cancelled_ = true; }

  std::int64_t deadline_ns() const override { return deadline_ns_; }
  bool is_cancelled() const override { return cancelled_; }
  int cancel_fd() const override { return -1; }

 private:
  std::int64_t deadline_ns_ = INT64_MAX;
  std::atomic<bool> cancelled_ = false;
};

/// A new directory, removed with all in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "kist-sqlite-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = std::filesystem::canonical(name);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }

  std::filesystem::path file(std::string_view name = "kist.db") const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline Uuid uuid(std::uint64_t number) {
  Uuid id;
  for (std::size_t i = 0; i < 8; ++i)
    id.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i) & 0xff);
  return id;
}

inline const Uuid kDeployment = uuid(0xdeb107);
inline const Uuid kWorkspace = uuid(0x3040);
inline const Uuid kUser = uuid(0x05e4);

inline SqliteConfig config_for(const std::filesystem::path& path) {
  SqliteConfig config;
  config.path = path;
  config.busy_timeout = std::chrono::milliseconds(30'000);
  config.read_connections = 4;
  config.cache_kib = 2048;
  return config;
}

inline std::unique_ptr<SqliteStore> open_store(const SqliteConfig& config,
                                               const Uuid& deployment = kDeployment) {
  static constexpr kist_host host{};  // Has nothing, not even a log.
  auto store = std::make_unique<SqliteStore>();
  store->attach(host, deployment, config);
  TestCall call;
  store->initialize(call);
  return store;
}

inline std::unique_ptr<SqliteStore> open_store(const std::filesystem::path& path) {
  return open_store(config_for(path));
}

inline Timestamp time_at(std::int64_t microseconds) {
  return Timestamp(std::chrono::microseconds(microseconds));
}

inline Secret make_secret(std::uint64_t number, std::string name) {
  Secret secret;
  secret.id = uuid(number);
  secret.name = std::move(name);
  secret.workspace_id = kWorkspace;
  secret.user_id = kUser;
  secret.created = secret.updated = time_at(static_cast<std::int64_t>(number));
  secret.values.set("key", "value of " + secret.name);
  return secret;
}

inline SecretUpdate update_of(std::uint64_t number) {
  SecretUpdate update;
  update.id = uuid(number);
  update.updated = time_at(1'000'000);
  return update;
}

/// The error that `body` ends with; the test fails if there is none.
inline Error error_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    return error;
  }
  FAIL("no error");
  return {ErrorCode::internal, ""};
}

/// A connection of someone else, without any of the store's precautions.
class Sql {
 public:
  explicit Sql(const std::filesystem::path& path) {
    REQUIRE(sqlite3_open(path.c_str(), &database_) == SQLITE_OK);
  }
  Sql(const Sql&) = delete;
  Sql& operator=(const Sql&) = delete;
  ~Sql() { sqlite3_close(database_); }

  void run(const std::string& sql) {
    char* message = nullptr;
    sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, &message);
    const std::string text = message == nullptr ? "" : message;
    sqlite3_free(message);
    CHECK(text == "");
  }
  /// The last column of each row.
  std::vector<std::string> rows(const std::string& sql) {
    std::vector<std::string> texts;
    const auto take = [](void* out, int count, char** columns, char**) {
      const char* const text = columns[count - 1];
      static_cast<std::vector<std::string>*>(out)->emplace_back(text == nullptr ? "" : text);
      return 0;
    };
    CHECK(sqlite3_exec(database_, sql.c_str(), take, &texts, nullptr) == SQLITE_OK);
    return texts;
  }

 private:
  sqlite3* database_ = nullptr;
};

class RowCollector final : public ListSink {
 public:
  bool item(const SecretMetadata& row) override {
    rows.push_back(row);
    return true;
  }
  void total(std::uint64_t count) override { counted = count; }

  std::vector<SecretMetadata> rows;
  std::optional<std::uint64_t> counted;
};

inline RowCollector list(SqliteStore& store, const ListQuery& query) {
  TestCall call;
  RowCollector collector;
  store.list_secrets(call, query, collector);
  return collector;
}

}  // namespace kist::sqlite::test
