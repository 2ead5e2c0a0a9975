// SPDX-License-Identifier: Apache-2.0
#include "sqlite_error.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

namespace kist::sqlite {

namespace {

constexpr std::pair<int, std::string_view> kNames[] = {
#define KIST_RESULT(name) \
  { name, #name }
    KIST_RESULT(SQLITE_ERROR),
    KIST_RESULT(SQLITE_INTERNAL),
    KIST_RESULT(SQLITE_PERM),
    KIST_RESULT(SQLITE_ABORT),
    KIST_RESULT(SQLITE_BUSY),
    KIST_RESULT(SQLITE_LOCKED),
    KIST_RESULT(SQLITE_NOMEM),
    KIST_RESULT(SQLITE_READONLY),
    KIST_RESULT(SQLITE_INTERRUPT),
    KIST_RESULT(SQLITE_IOERR),
    KIST_RESULT(SQLITE_CORRUPT),
    KIST_RESULT(SQLITE_FULL),
    KIST_RESULT(SQLITE_CANTOPEN),
    KIST_RESULT(SQLITE_PROTOCOL),
    KIST_RESULT(SQLITE_SCHEMA),
    KIST_RESULT(SQLITE_TOOBIG),
    KIST_RESULT(SQLITE_CONSTRAINT),
    KIST_RESULT(SQLITE_MISMATCH),
    KIST_RESULT(SQLITE_MISUSE),
    KIST_RESULT(SQLITE_AUTH),
    KIST_RESULT(SQLITE_RANGE),
    KIST_RESULT(SQLITE_NOTADB),
    KIST_RESULT(SQLITE_BUSY_RECOVERY),
    KIST_RESULT(SQLITE_BUSY_SNAPSHOT),
    KIST_RESULT(SQLITE_BUSY_TIMEOUT),
    KIST_RESULT(SQLITE_CANTOPEN_ISDIR),
    KIST_RESULT(SQLITE_CANTOPEN_SYMLINK),
    KIST_RESULT(SQLITE_CONSTRAINT_CHECK),
    KIST_RESULT(SQLITE_CONSTRAINT_DATATYPE),
    KIST_RESULT(SQLITE_CONSTRAINT_FOREIGNKEY),
    KIST_RESULT(SQLITE_CONSTRAINT_NOTNULL),
    KIST_RESULT(SQLITE_CONSTRAINT_PRIMARYKEY),
    KIST_RESULT(SQLITE_CONSTRAINT_UNIQUE),
    KIST_RESULT(SQLITE_CORRUPT_INDEX),
    KIST_RESULT(SQLITE_IOERR_FSTAT),
    KIST_RESULT(SQLITE_IOERR_FSYNC),
    KIST_RESULT(SQLITE_IOERR_LOCK),
    KIST_RESULT(SQLITE_IOERR_NOMEM),
    KIST_RESULT(SQLITE_IOERR_READ),
    KIST_RESULT(SQLITE_IOERR_SHMMAP),
    KIST_RESULT(SQLITE_IOERR_SHMOPEN),
    KIST_RESULT(SQLITE_IOERR_SHMSIZE),
    KIST_RESULT(SQLITE_IOERR_SHORT_READ),
    KIST_RESULT(SQLITE_IOERR_TRUNCATE),
    KIST_RESULT(SQLITE_IOERR_WRITE),
    KIST_RESULT(SQLITE_READONLY_CANTINIT),
    KIST_RESULT(SQLITE_READONLY_CANTLOCK),
    KIST_RESULT(SQLITE_READONLY_DBMOVED),
    KIST_RESULT(SQLITE_READONLY_DIRECTORY),
    KIST_RESULT(SQLITE_READONLY_RECOVERY),
#undef KIST_RESULT
};

constexpr int primary(int extended_code) { return extended_code & 0xff; }

bool is_disk_full(int extended_code, int system_errno) {
  return primary(extended_code) == SQLITE_FULL ||
         (primary(extended_code) == SQLITE_IOERR &&
          (system_errno == ENOSPC || system_errno == EDQUOT));
}

ErrorCode code_from(int extended_code, int system_errno) {
  if (is_disk_full(extended_code, system_errno) || extended_code == SQLITE_IOERR_NOMEM)
    return ErrorCode::resource_exhausted;
  switch (primary(extended_code)) {
    case SQLITE_BUSY:
    case SQLITE_CANTOPEN:
    case SQLITE_INTERRUPT:
    case SQLITE_IOERR:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return ErrorCode::unavailable;
    case SQLITE_AUTH:
    case SQLITE_PERM:
    case SQLITE_READONLY:
      return ErrorCode::failed_precondition;
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG:
      return ErrorCode::resource_exhausted;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::corrupt;
    default:
      return ErrorCode::internal;
  }
}

Error error_with(ErrorCode code, int extended_code, std::string_view doing,
                 std::string_view outcome) {
  Error error(code, "sqlite: cannot " + std::string(doing) + ": " + sqlite3_errstr(extended_code) +
                        std::string(outcome));
  error.backend_code = result_name(extended_code);
  return error;
}

}  // namespace

std::string_view result_name(int extended_code) {
  for (const int code : {extended_code, primary(extended_code)}) {
    const auto found = std::find_if(std::begin(kNames), std::end(kNames),
                                    [&](const auto& row) { return row.first == code; });
    if (found != std::end(kNames)) return found->second;
  }
  return "SQLITE_UNKNOWN";
}

Error error_from(int extended_code, int system_errno, std::string_view doing) {
  return error_with(code_from(extended_code, system_errno), extended_code, doing, "");
}

Error commit_error_from(int extended_code, int system_errno, std::string_view doing) {
  // A failed write leaves the log without the commit's last frame. A failed flush leaves it all
  // there, and recovery after a crash may or may not find it.
  if (primary(extended_code) == SQLITE_IOERR) {
    return error_with(ErrorCode::indeterminate, extended_code, doing,
                      "; the write may or may not be found later");
  }
  return error_from(extended_code, system_errno, doing);
}

}  // namespace kist::sqlite
