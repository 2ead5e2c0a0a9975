// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <kist/plugin.hpp>

namespace kist::sqlite {

/// SQLite's own name of an extended result code: "SQLITE_IOERR_FSYNC". A code that is not known
/// here goes by the name of its primary code.
std::string_view result_name(int extended_code);

/// The error for a result code of SQLite. `doing` follows "sqlite: cannot " and names the file.
/// SQLite's own message for the connection is left out: it may quote what was stored.
Error error_from(int extended_code, int system_errno, std::string_view doing);

/// The same for a COMMIT that failed: `indeterminate` where the transaction may yet be found in the
/// log after a crash (ST-20), else as above, and then nothing was written.
Error commit_error_from(int extended_code, int system_errno, std::string_view doing);

}  // namespace kist::sqlite
