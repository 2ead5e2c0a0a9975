// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <memory>

#include <doctest/doctest.h>

namespace kist::testing {

/// Keeps others from writing to a database for as long as it lives.
class WriteLock {
 public:
  explicit WriteLock(const std::filesystem::path& database) {
    ::sqlite3* connection = nullptr;
    REQUIRE(::sqlite3_open(database.c_str(), &connection) == SQLITE_OK);
    connection_.reset(connection);
    REQUIRE(::sqlite3_exec(connection, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  }

 private:
  struct Close {
    void operator()(::sqlite3* connection) const { ::sqlite3_close(connection); }
  };
  std::unique_ptr<::sqlite3, Close> connection_;
};

}  // namespace kist::testing
