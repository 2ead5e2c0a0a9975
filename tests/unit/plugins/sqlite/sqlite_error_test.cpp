// SPDX-License-Identifier: Apache-2.0
#include "sqlite_error.hpp"

#include <sqlite3.h>

#include <cerrno>

#include <doctest/doctest.h>

namespace kist::sqlite {

TEST_SUITE("plugins/sqlite/sqlite_error") {
  TEST_CASE("a result of SQLite is sorted by what the caller can do") {
    const struct {
      int result, system_errno;
      ErrorCode code;
      std::string_view name;
    } cases[] = {
        {SQLITE_BUSY, 0, ErrorCode::unavailable, "SQLITE_BUSY"},
        {SQLITE_FULL, 0, ErrorCode::resource_exhausted, "SQLITE_FULL"},
        {SQLITE_IOERR_WRITE, ENOSPC, ErrorCode::resource_exhausted, "SQLITE_IOERR_WRITE"},
        {SQLITE_IOERR_READ, EIO, ErrorCode::unavailable, "SQLITE_IOERR_READ"},
        {SQLITE_READONLY_DIRECTORY, 0, ErrorCode::failed_precondition, "SQLITE_READONLY_DIRECTORY"},
        {SQLITE_NOTADB, 0, ErrorCode::corrupt, "SQLITE_NOTADB"},
        {SQLITE_CORRUPT_VTAB, 0, ErrorCode::corrupt, "SQLITE_CORRUPT"},
        {SQLITE_NOMEM, 0, ErrorCode::resource_exhausted, "SQLITE_NOMEM"},
        {SQLITE_MISUSE, 0, ErrorCode::internal, "SQLITE_MISUSE"},
    };
    for (const auto& row : cases) {
      CAPTURE(row.name);
      const Error error = error_from(row.result, row.system_errno, "use 'x'");
      CHECK(to_string(error.code) == to_string(row.code));
      CHECK(error.backend_code == row.name);
    }
    CHECK(error_from(SQLITE_BUSY, 0, "use 'x'").message() ==
          "sqlite: cannot use 'x': database is locked");
  }

  TEST_CASE("a commit whose flush failed is indeterminate, and one that found no room is not") {
    CHECK(to_string(commit_error_from(SQLITE_IOERR_FSYNC, EIO, "write to 'x'").code) ==
          "indeterminate");
    CHECK(to_string(commit_error_from(SQLITE_IOERR_FSYNC, ENOSPC, "write to 'x'").code) ==
          "indeterminate");
    CHECK(to_string(commit_error_from(SQLITE_FULL, ENOSPC, "write to 'x'").code) ==
          "resource_exhausted");
    CHECK(to_string(commit_error_from(SQLITE_BUSY, 0, "write to 'x'").code) == "unavailable");
  }
}

}  // namespace kist::sqlite
