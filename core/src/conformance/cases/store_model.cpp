// SPDX-License-Identifier: Apache-2.0
#include "store_model.hpp"

#include "samples.hpp"

namespace kist::conformance {

bool StoreModel::is_taken(const SecretMetadata& wanted) const {
  for (const auto& [id, other] : secrets_) {
    if (id == wanted.id || other.name != wanted.name || other.scope != wanted.scope ||
        other.workspace_id != wanted.workspace_id)
      continue;
    if (wanted.scope == Scope::workspace || other.user_id == wanted.user_id) return true;
  }
  return false;
}

StoreModel::Outcomes StoreModel::create(const Secret& secret) {
  if (secrets_.contains(secret.id) || is_taken(secret)) return {"already_exists"};
  secrets_.emplace(secret.id, secret.clone());
  return {"done"};
}

StoreModel::Outcomes StoreModel::update(const SecretUpdate& update) {
  const auto found = secrets_.find(update.id);
  if (found == secrets_.end()) return {"not_found"};
  Secret changed = found->second.clone();
  Outcomes failures;
  if (update.if_revision && *update.if_revision != changed.revision) failures = {"conflict"};
  if (update.name) changed.name = *update.name;
  if (update.scope) changed.scope = *update.scope;
  if (is_taken(changed)) failures.emplace_back("already_exists");
  if (!failures.empty()) return failures;
  if (update.values && update.replace_values) changed.values = SecretValues();
  if (update.values) update.values->apply_to(changed.values);
  changed.updated = update.updated;
  ++changed.revision;
  found->second = std::move(changed);
  return {"done"};
}

StoreModel::Outcomes StoreModel::remove(const Uuid& id, std::optional<std::uint64_t> if_revision) {
  const auto found = secrets_.find(id);
  if (found == secrets_.end()) return {"not_found"};
  if (if_revision && *if_revision != found->second.revision) return {"conflict"};
  secrets_.erase(found);
  return {"done"};
}

std::string StoreModel::text(const Uuid& id) const {
  const auto found = secrets_.find(id);
  return found == secrets_.end() ? "not_found" : text_of(found->second);
}

std::vector<std::string> StoreModel::rows() const {
  std::vector<std::string> rows;
  for (const auto& [id, secret] : secrets_)
    rows.push_back(text_of(static_cast<const SecretMetadata&>(secret)));
  return rows;
}

}  // namespace kist::conformance
