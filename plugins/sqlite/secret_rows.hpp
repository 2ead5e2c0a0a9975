// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <kist/plugin.hpp>

#include "connection.hpp"
#include "values_blob.hpp"

namespace kist::sqlite {

/// The columns of a record without its values, of `secrets AS s`.
inline constexpr std::string_view kMetadataColumns =
    "s.id, s.name, s.scope, s.workspace_id, s.user_id, s.created, s.updated, s.revision";

/// The record whose columns are kMetadataColumns, from column 0 on. Parts that are not what the
/// schema allows are left as they are in a new SecretMetadata, and `readable` is false then;
/// nothing if not even the id can be read.
std::optional<SecretMetadata> read_metadata(const Statement& row);

/// Errors: not_found; corrupt: a part of the record, or all its values, cannot be read.
Secret load_secret(Connection& connection, const Uuid& id);

/// The writes below need a transaction around them, which a failure must undo.

/// Errors: already_exists: the id, or the name within its scope, is taken.
void insert_secret(Connection& connection, const SecretMetadata& record, const ValuesBlob& values);

/// Returns the record as it is then. Errors: those of SecretsStoreInterface::update_secret().
Secret change_secret(Connection& connection, const SecretUpdate& update);

/// Errors: not_found; conflict.
void erase_secret(Connection& connection, const Uuid& id, std::optional<std::uint64_t> if_revision);

}  // namespace kist::sqlite
