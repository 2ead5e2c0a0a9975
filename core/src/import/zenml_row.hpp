// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include <kist/uuid.hpp>

#include "import/zenml_database.hpp"

namespace kist::core {

/// Nothing: the column holds something else than UTF-8 text of the length of a name.
std::optional<std::string> text_column(sqlite3_stmt* row, int column);

/// SQLAlchemy keeps a UUID as its 32 hex digits; hyphens are taken, too. Nothing: it is none.
std::optional<Uuid> uuid_column(sqlite3_stmt* row, int column);

/// The secret in a row of id, name, created, updated, user_id, values, private or scope,
/// workspace_id, internal. SQLite lets any type stand in any column, so each is checked.
ZenmlSecret secret_of_row(sqlite3_stmt* row, bool has_workspace);

}  // namespace kist::core
