// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <kist/secrets_store_interface.hpp>

#include "secrets/cursor.hpp"
#include "secrets/directory.hpp"
#include "secrets/list_request.hpp"
#include "secrets/validation.hpp"

namespace kist::core {

using Clock = std::function<Timestamp()>;
using IdSource = std::function<Uuid()>;

/// UTC, in microseconds.
Timestamp system_clock_now();

/// What a client wants stored. A value given as null is a key that `values` removes.
struct NewSecret {
  std::string name;
  Scope scope = Scope::workspace;
  SecretPatch values;
  std::optional<std::string> workspace;  ///< Name or id; nothing: the default workspace.
  std::optional<Uuid> id;                ///< Chosen by the client, so that it can repeat the call.
};

/// What a client wants changed: only what is present.
struct SecretChange {
  std::optional<std::string> name;
  std::optional<Scope> scope;
  std::optional<SecretPatch> values;
  bool replace_values = false;  ///< `values` is the whole new map; nulls in it are dropped.
  std::optional<std::uint64_t> if_revision;
};

/// Where to look for a secret by name. What is absent does not limit, but a name is looked for in
/// one workspace: this one, or the default one.
struct SecretPlace {
  std::optional<std::string> workspace;  ///< Name or id.
  std::optional<Scope> scope;
};

/// A secret as this principal gets to see it.
struct ShownSecret {
  Secret secret;
  bool values_hidden = false;  ///< The keys are there; the values are not, and stand as empty.
};

/// One page of a listing (FL-7, FL-8).
struct Page {
  std::optional<std::uint64_t> index;        ///< From 1; nothing with a cursor.
  std::uint64_t max_size = 0;                ///< As asked for.
  std::optional<std::uint64_t> total;        ///< Of the whole listing.
  std::optional<std::uint64_t> total_pages;  ///< At least 1; absent when `total` is.
  std::vector<SecretMetadata> items;
  std::optional<std::string> next_cursor;  ///< Nothing behind the last page.
};

/// Says the same of a secret that does not exist and of one that the principal may not know of.
Error no_such_secret(const Uuid& id);

/// The rules of docs/plugins/contract.md that are the host's, between those who ask and the store:
/// names, limits, ids, times, who may do what, paging. As concurrent as the store is.
///
/// Every operation may fail with what the store fails with, and with
///  not_found          there is no such thing, or the principal may not know of it (in one wording)
///  permission_denied  the principal may know of it, but not do this
class SecretsService {
 public:
  /// `store` and `directory` are borrowed. `limits`: those of the host, already lowered to the
  /// store's.
  SecretsService(SecretsStoreInterface& store, const Directory& directory, const Limits& limits,
                 Clock clock, IdSource new_id, const CursorKey& cursor_key);

  /// Repeating a call with an `id` and the same content gives the secret of the first call.
  /// Errors: invalid_argument; LimitExceeded; already_exists.
  Secret create(Call& call, const Principal& principal, const NewSecret& wanted);

  /// Errors: corrupt.
  ShownSecret get(Call& call, const Principal& principal, const Uuid& id);

  /// Finds the one secret that a person means: a whole UUID is an id first, then a name.
  /// Errors: invalid_argument: both scopes have the name and `place` does not say which.
  ShownSecret find(Call& call, const Principal& principal, std::string_view name_or_id,
                   const SecretPlace& place);

  /// find() without the values: for a secret that is to be changed or deleted, and may be corrupt.
  SecretMetadata find_metadata(Call& call, const Principal& principal, std::string_view name_or_id,
                               const SecretPlace& place);

  /// Errors: invalid_argument: a page past the last, a cursor that is not of this list.
  Page list(Call& call, const Principal& principal, const ListRequest& request);

  /// Errors: invalid_argument; LimitExceeded, also if only the merged values pass a limit;
  /// already_exists; conflict: `if_revision`; corrupt: a patch of values that cannot be read;
  /// unavailable: others keep changing the secret.
  Secret update(Call& call, const Principal& principal, const Uuid& id, const SecretChange& change);

  /// Errors: conflict.
  void remove(Call& call, const Principal& principal, const Uuid& id,
              std::optional<std::uint64_t> if_revision);

 private:
  const Workspace& workspace(const Principal& principal,
                             const std::optional<std::string>& name_or_id) const;
  void require(const Principal& principal, Role needed, const Uuid& workspace_id) const;
  bool is_visible(const Principal& principal, const SecretMetadata& secret) const;
  void keep_visible(const Principal& principal, std::vector<SecretMetadata>& rows) const;
  Visibility visibility(const Principal& principal) const;

  Secret load(Call& call, const Principal& principal, const Uuid& id);
  SecretMetadata load_metadata(Call& call, const Principal& principal, const Uuid& id);
  SecretMetadata find_by_name(Call& call, const Principal& principal, std::string_view name,
                              const SecretPlace& place);
  std::optional<SecretMetadata> listed(Call& call, const Principal& principal, const Uuid& id);
  void check_change(const Principal& principal, const SecretMetadata& current,
                    const SecretChange& change) const;
  std::uint64_t check_merged(const Secret& current, const SecretPatch& patch) const;

  SecretsStoreInterface& store_;
  const Directory& directory_;
  const Limits limits_;
  const Clock clock_;
  const IdSource new_id_;
  const CursorKey cursor_key_;
};

}  // namespace kist::core
