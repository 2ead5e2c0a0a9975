// SPDX-License-Identifier: Apache-2.0
#include "secrets/secrets_service.hpp"

#include <chrono>
#include <utility>

#include "secrets/same_secret.hpp"
#include "text/printable.hpp"

namespace kist::core {
namespace {

/// Each failed attempt is somebody else's success, so that few are needed unless many clients
/// patch one secret without end.
constexpr int kMaxUpdateAttempts = 100;
constexpr std::chrono::milliseconds kContendedRetryAfter{100};

/// The keys that a patch sets, without those that it removes.
SecretPatch without_removals(const SecretPatch& patch) {
  SecretPatch kept;
  for (std::size_t i = 0; i < patch.size(); ++i) {
    if (!patch.removes(i)) kept.set(patch.key(i), patch.value(i).reveal());
  }
  return kept;
}

bool sets_anything(const SecretPatch& patch) {
  for (std::size_t i = 0; i < patch.size(); ++i) {
    if (!patch.removes(i)) return true;
  }
  return false;
}

SecretPatch copy_of(const SecretPatch& patch) {
  SecretPatch copy;
  for (std::size_t i = 0; i < patch.size(); ++i) {
    if (patch.removes(i))
      copy.remove(patch.key(i));
    else
      copy.set(patch.key(i), patch.value(i).reveal());
  }
  return copy;
}

}  // namespace

Timestamp system_clock_now() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

SecretsService::SecretsService(SecretsStoreInterface& store, const Directory& directory,
                               const Limits& limits, Clock clock, IdSource new_id,
                               const CursorKey& cursor_key)
    : store_(store),
      directory_(directory),
      limits_(limits),
      clock_(std::move(clock)),
      new_id_(std::move(new_id)),
      cursor_key_(cursor_key) {}

Secret SecretsService::create(Call& call, const Principal& principal, const NewSecret& wanted) {
  const Workspace& where = workspace(principal, wanted.workspace);
  require(principal, Role::writer, where.id);
  const ValidatedName name(wanted.name);
  check_values(wanted.values, limits_);
  if (wanted.id == Uuid{})
    throw Error(ErrorCode::invalid_argument, "the id is the nil UUID; expected a random one");

  Secret secret;
  secret.id = wanted.id ? *wanted.id : new_id_();
  secret.name = name.text();
  secret.scope = wanted.scope;
  secret.workspace_id = where.id;
  secret.user_id = principal.id;
  secret.created = secret.updated = clock_();
  wanted.values.apply_to(secret.values);
  if (!wanted.id) return store_.create_secret(call, std::move(secret));
  try {
    return store_.create_secret(call, secret.clone());
  } catch (const Error& error) {
    if (error.code != ErrorCode::already_exists) throw;
    if (auto earlier = find_same_secret(call, store_, secret)) return std::move(*earlier);
    throw;
  }
}

Secret SecretsService::update(Call& call, const Principal& principal, const Uuid& id,
                              const SecretChange& change) {
  SecretUpdate update;
  update.id = id;
  if (change.name) update.name = ValidatedName(*change.name).text();
  update.scope = change.scope;
  update.if_revision = change.if_revision;
  update.replace_values = change.values && change.replace_values;
  if (change.values) {
    check_values(*change.values, limits_);
    update.values =
        change.replace_values ? without_removals(*change.values) : copy_of(*change.values);
  }

  // The store merges, so that concurrent patches of different keys all survive; but only the host
  // knows the limits. A patch that adds is therefore tied to the revision whose merged size was
  // checked, and tried again on the next one. A replacement was measured above, and must work when
  // what is stored cannot be read (ST-16): it goes ahead without reading.
  const bool measure = change.values && !change.replace_values && sets_anything(*change.values);
  for (int attempt = 0; attempt < kMaxUpdateAttempts; ++attempt) {
    call.check();
    if (measure) {
      const Secret current = load(call, principal, id);
      check_change(principal, current, change);
      // Where the caller names another revision, the store refuses: there is nothing to measure.
      if (!change.if_revision || *change.if_revision == current.revision)
        update.if_revision = check_merged(current, *change.values);
    } else {
      check_change(principal, load_metadata(call, principal, id), change);
    }
    update.updated = clock_();
    try {
      return store_.update_secret(call, update);
    } catch (const Error& error) {
      if (error.code == ErrorCode::not_found) throw no_such_secret(id);
      if (error.code != ErrorCode::conflict || change.if_revision || !measure) throw;
    }
  }
  Error contended(ErrorCode::unavailable,
                  "secret " + id.to_string() + " keeps changing: it was not updated");
  contended.retry_after = kContendedRetryAfter;
  throw contended;
}

void SecretsService::check_change(const Principal& principal, const SecretMetadata& current,
                                  const SecretChange& change) const {
  require(principal, Role::writer, current.workspace_id);
  // It would vanish from the workspace, and a name that is taken among the owner's own secrets
  // would show to somebody else.
  if (change.scope == Scope::user && current.user_id != principal.id)
    throw Error(ErrorCode::permission_denied,
                "only its owner can put secret " + current.id.to_string() + " into the user scope");
}

/// The revision at which the secret, with the patch merged into it, is within the limits.
std::uint64_t SecretsService::check_merged(const Secret& current, const SecretPatch& patch) const {
  std::size_t keys = current.values.size();
  std::size_t bytes = current.values.byte_count();
  for (std::size_t i = 0; i < patch.size(); ++i) {
    const std::string_view key = patch.key(i);
    if (const auto old_value = current.values.find(key)) {
      --keys;
      bytes -= key.size() + old_value->size();
    }
    if (patch.removes(i)) continue;
    ++keys;
    bytes += key.size() + patch.value(i).size();
  }
  check_size(keys, bytes, limits_);
  return current.revision;
}

void SecretsService::remove(Call& call, const Principal& principal, const Uuid& id,
                            std::optional<std::uint64_t> if_revision) {
  require(principal, Role::writer, load_metadata(call, principal, id).workspace_id);
  try {
    store_.delete_secret(call, id, if_revision);
  } catch (const Error& error) {
    if (error.code == ErrorCode::not_found) throw no_such_secret(id);
    throw;
  }
}

}  // namespace kist::core
