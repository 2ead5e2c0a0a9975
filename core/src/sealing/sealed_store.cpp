// SPDX-License-Identifier: Apache-2.0
#include "sealing/sealed_store.hpp"

#include <string>
#include <utility>

#include "sealing/untouched_values.hpp"

namespace kist::core {

/// As what was asked for, and not as what the store says that it is.
Secret SealedStore::opened(const Uuid& id, Secret sealed) {
  sealed.values = sealer_.open(id, sealed.values);
  return sealed;
}

/// What was written is written, even if what the store says of it cannot be believed (ST-20).
Secret SealedStore::opened_after_write(const Uuid& id, Secret sealed) {
  try {
    return opened(id, std::move(sealed));
  } catch (const Error& error) {
    throw Error(ErrorCode::indeterminate,
                "the store has written, but what it returned does not open: " +
                    std::string(error.message()));
  }
}

Secret SealedStore::create_secret(Call& call, Secret secret) {
  const Uuid id = secret.id;
  secret.values = sealer_.seal(id, secret.values);
  return opened_after_write(id, store_.create_secret(call, std::move(secret)));
}

Secret SealedStore::get_secret(Call& call, const Uuid& id) {
  return opened(id, store_.get_secret(call, id));
}

void SealedStore::check_untouched(Call& call, const SecretUpdate& update) {
  Secret current = store_.get_secret(call, update.id);
  sealer_.open(update.id, untouched_values(update, std::move(current.values)));
}

Secret SealedStore::update_secret(Call& call, const SecretUpdate& update) {
  if (leaves_values(update)) check_untouched(call, update);
  if (!update.values) return opened_after_write(update.id, store_.update_secret(call, update));
  SecretUpdate sealed;
  sealed.id = update.id;
  sealed.name = update.name;
  sealed.scope = update.scope;
  sealed.values = sealer_.seal(update.id, *update.values);
  sealed.replace_values = update.replace_values;
  sealed.updated = update.updated;
  sealed.if_revision = update.if_revision;
  return opened_after_write(update.id, store_.update_secret(call, sealed));
}

}  // namespace kist::core
