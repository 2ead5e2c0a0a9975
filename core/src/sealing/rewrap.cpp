// SPDX-License-Identifier: Apache-2.0
#include "sealing/rewrap.hpp"

#include <string>
#include <utility>

#include "sealing/envelope.hpp"

namespace kist::core {
namespace {

/// Whether it is this secret that has failed, and not the store, the KEK or the run.
bool is_of_one_secret(ErrorCode code) {
  switch (code) {
    case ErrorCode::corrupt:
    case ErrorCode::failed_precondition:
    case ErrorCode::conflict:
    case ErrorCode::invalid_argument:
    case ErrorCode::resource_exhausted:
    case ErrorCode::indeterminate:
      return true;
    default:
      return false;
  }
}

/// Whether the next look at the secret shows more.
bool is_unsettled(ErrorCode code) {
  return code == ErrorCode::conflict || code == ErrorCode::indeterminate;
}

bool was_never_sealed(SecretView value) {
  return parse_envelope(value.reveal()).fault == EnvelopeFault::not_sealed;
}

void add(SecretPatch& patch, const SecretValues& values) {
  for (const auto [key, value] : values) patch.set(key, value.reveal());
}

}  // namespace

Rewrap::Rewrap(SecretsStoreInterface& store, Sealer& sealer, RewrapOptions options)
    : store_(store), sealer_(sealer), options_(std::move(options)) {}

void Rewrap::run(const WithCall& with_call) {
  std::vector<Uuid> ids;
  with_call([&](Call& call) { ids = ids_of_all_secrets(call, store_); });
  counts_.total = ids.size();
  for (const Uuid& id : ids) {
    if (options_.limit && counts_.rewrapped >= *options_.limit) return;
    rewrap_one(with_call, id);
    ++counts_.scanned;
    if (options_.advanced) options_.advanced(counts_);
  }
}

void Rewrap::rewrap_one(const WithCall& with_call, const Uuid& id) {
  bool has_unsealed = false;
  Outcome outcome = Outcome::skipped;
  try {
    with_call([&](Call& call) { outcome = try_until_settled(call, id, has_unsealed); });
  } catch (const Error& error) {
    if (!is_of_one_secret(error.code)) throw;
    ++counts_.failed;
    if (options_.failed) options_.failed(naming_secret(id, error));
    return;
  }
  ++(outcome == Outcome::rewrapped ? counts_.rewrapped : counts_.skipped);
  counts_.unsealed += has_unsealed ? 1u : 0u;
}

Rewrap::Outcome Rewrap::try_until_settled(Call& call, const Uuid& id, bool& has_unsealed) {
  bool may_be_written = false;
  for (int attempt = 1;; ++attempt) {
    call.check();
    try {
      const Outcome outcome = try_once(call, id, has_unsealed);
      return may_be_written ? Outcome::rewrapped : outcome;
    } catch (const Error& error) {
      if (error.code == ErrorCode::not_found) {  // It was deleted, and what it had with it.
        has_unsealed = false;
        return Outcome::skipped;
      }
      if (!is_unsettled(error.code) || attempt == kMaxRewrapAttempts) throw;
      may_be_written = may_be_written || error.code == ErrorCode::indeterminate;
    }
  }
}

Rewrap::Outcome Rewrap::try_once(Call& call, const Uuid& id, bool& has_unsealed) {
  SecretUpdate update;
  update.id = id;
  {
    const Secret secret = store_.get_secret(call, id);
    update.values = patch_of(id, secret.values, has_unsealed);
    update.updated = secret.updated;
    update.if_revision = secret.revision;
  }
  if (update.values->empty()) return Outcome::skipped;
  if (!options_.dry_run) store_.update_secret(call, update);
  return Outcome::rewrapped;
}

SecretPatch Rewrap::patch_of(const Uuid& id, const SecretValues& values, bool& has_unsealed) {
  has_unsealed = false;
  SecretValues stale, plain;
  for (const auto [key, value] : values) {
    if (was_never_sealed(value)) {
      has_unsealed = has_unsealed || !options_.seal_unsealed;
      if (options_.seal_unsealed) plain.set(key, value.reveal());
    } else if (!sealer_.is_current(value)) {
      stale.set(key, value.reveal());
    }
  }
  SecretPatch patch;
  add(patch, sealer_.seal(id, sealer_.open(id, stale)));
  add(patch, sealer_.seal(id, plain));
  return patch;
}

}  // namespace kist::core
