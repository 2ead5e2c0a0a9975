// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>

#include <kist/secrets_store_interface.hpp>

#include "import/zenml_database.hpp"
#include "import/zenml_values.hpp"
#include "secrets/directory.hpp"
#include "secrets/validation.hpp"

namespace kist::core {

enum class ImportResult {
  importable,
  imported,
  present,   ///< An earlier import made it, and nothing has changed since.
  left_out,  ///< On purpose: it is ZenML's own, or was to be skipped.
  refused,
};

/// What became of one secret, or would.
struct ImportFinding {
  ImportResult result = ImportResult::refused;
  std::string reason;  ///< Of what is left out or refused: a sentence's end.
  ErrorCode code = ErrorCode::invalid_argument;  ///< Of what is refused.
  bool undecryptable = false;
  std::optional<std::size_t> key;  ///< Which key opened the values.

  std::string id, name;
  std::optional<Scope> scope;  ///< As all below, nothing or empty if it was not found out.
  std::string workspace;
  std::string owner;            ///< A principal's name, or ZenML's id of the user.
  bool owner_is_known = false;  ///< It is a principal's name.
};

/// Brings secrets of a ZenML database into a store, with their ids, names, scopes, owners and
/// times. It works below SecretsService, which chooses ids and times itself, and holds secrets
/// against the same rules.
///
/// A secret belongs to the workspace that has its ZenML workspace's name, and to the principal that
/// has its ZenML user's name; else to the workspace that is named for all such, and to ZenML's id
/// of the user. One thread at a time.
class ZenmlImport {
 public:
  struct Target {
    SecretsStoreInterface& store;
    const Directory& directory;
    Limits limits;  ///< Of the host, lowered to those of the store.
    const Workspace* workspace =
        nullptr;  ///< For those whose own is unknown; null: they are refused.
    bool skip_undecryptable = false;
  };

  /// All is borrowed.
  ZenmlImport(ZenmlDatabase& database, ZenmlValues& values, const Target& target);

  /// Learns which ids and names the store has. Call it first. Errors: those of a listing.
  void survey(Call& call);

  /// What import() would do, as far as is known now. `row` is one of ZenmlDatabase::rows(); rows
  /// that come first win where two want one name.
  /// Errors: those of the database, and of the store but not_found and corrupt.
  ImportFinding examine(Call& call, std::int64_t row);

  /// Imports the secret, unless examine() finds something else. Errors: as above; after any of them
  /// it is safe to repeat the import.
  ImportFinding import(Call& call, std::int64_t row);

 private:
  /// What a name is unique in (ST-2); the owner is nil in the workspace scope.
  using NameKey = std::tuple<Uuid, Uuid, Scope, std::string>;
  struct Examined {
    ImportFinding finding;
    Secret secret;
  };

  static NameKey name_key(const SecretMetadata& secret);
  Examined examined(Call& call, std::int64_t row);
  void resolve(const ZenmlSecret& source, Examined& examined);
  void place(const ZenmlSecret& source, Examined& examined) const;
  void own(const ZenmlSecret& source, Examined& examined) const;
  void open_values(const ZenmlSecret& source, Examined& examined);
  void claim(std::int64_t row, Examined& examined);

  ZenmlDatabase& database_;
  ZenmlValues& values_;
  const Target target_;
  std::map<Uuid, std::int64_t> claimed_ids_;  // By rows of the database.
  std::map<NameKey, Uuid> names_;             // Of the store, and of rows before.
  std::set<Uuid> ids_;                        // Of the store.
};

}  // namespace kist::core
