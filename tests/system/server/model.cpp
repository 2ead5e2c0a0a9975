// SPDX-License-Identifier: Apache-2.0
#include "model.hpp"

#include <algorithm>

namespace kist::testing {

bool Model::is_taken(const ModelSecret& secret) const {
  return std::ranges::any_of(secrets_, [&](const auto& entry) {
    const ModelSecret& other = entry.second;
    return other.id != secret.id && other.name == secret.name &&
           other.workspace == secret.workspace && other.is_private == secret.is_private &&
           (!secret.is_private || other.owner == secret.owner);
  });
}

int Model::create(const ModelPrincipal& who, const ModelSecret& wanted) const {
  const ModelRole role = who.role_in(wanted.workspace);
  if (role == ModelRole::none) return 404;
  if (role < ModelRole::writer) return 403;
  return is_taken(wanted) ? 409 : 200;
}

int Model::get(const ModelPrincipal& who, const std::string& id) const {
  const auto found = secrets_.find(id);
  return found != secrets_.end() && is_visible(who, found->second) ? 200 : 404;
}

int Model::update(const ModelPrincipal& who, const std::string& id, const ModelChange& change) {
  if (get(who, id) != 200) return 404;
  ModelSecret changed = secrets_.at(id);
  if (who.role_in(changed.workspace) < ModelRole::writer) return 403;
  if (change.is_private == true && changed.owner != who.name) return 403;
  if (change.if_revision && change.if_revision != changed.revision) return 412;
  if (change.name) changed.name = *change.name;
  if (change.is_private) changed.is_private = *change.is_private;
  if (is_taken(changed)) return 409;
  if (change.replaces) changed.values.clear();
  for (const auto& [key, value] : change.values) {
    if (value)
      changed.values[key] = *value;
    else
      changed.values.erase(key);
  }
  ++changed.revision;
  secrets_[id] = changed;
  return 200;
}

int Model::remove(const ModelPrincipal& who, const std::string& id,
                  const std::optional<std::int64_t>& if_revision) {
  if (get(who, id) != 200) return 404;
  const ModelSecret& secret = secrets_.at(id);
  if (who.role_in(secret.workspace) < ModelRole::writer) return 403;
  if (if_revision && if_revision != secret.revision) return 412;
  secrets_.erase(id);
  return 200;
}

}  // namespace kist::testing
