// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include <kist/plugin.hpp>

#include "connection.hpp"

namespace kist::sqlite {

/// What `PRAGMA application_id` says of a database of ours: "Kist".
constexpr std::int64_t kApplicationId = 0x4b697374;

/// The steps from an empty database to the current schema, each a list of SQL statements. Step n
/// leads to version n + 1. A step that was released never changes.
std::span<const char* const> schema_steps();

/// Brings the database to the current schema, and ties a new one to the deployment; all of it in
/// one transaction. Other processes may do the same at the same time. `connection` needs the call's
/// scope.
/// Errors: failed_precondition: the database is another program's, of a later schema, or another
/// deployment's; corrupt: the file is no database.
void open_schema(Connection& connection, const Uuid& deployment_id);

}  // namespace kist::sqlite
