// SPDX-License-Identifier: Apache-2.0
#include "sealing/key_checks.hpp"

#include <kist/error.hpp>

#include "sealing/local_key.hpp"
#include "text/printable.hpp"

namespace kist::core {
namespace {

std::string associated(const Uuid& deployment_id, std::string_view key_id) {
  std::string text = "kist-key-check-1";
  for (const std::uint8_t byte : deployment_id.bytes) text += static_cast<char>(byte);
  return text.append(key_id);
}

/// Compares one key with its check. Errors: failed_precondition; unavailable.
void check(const KeyringKey& key, const WrappedKey& wrapped, const Uuid& deployment_id) {
  if (key.kek->unwrap(wrapped, associated(deployment_id, key.id))) return;
  throw Error(ErrorCode::failed_precondition,
              "key " + in_quotes(key.id) + " (" + key.source +
                  ") is not the key of that id that deployment " + deployment_id.to_string() +
                  " was sealed with; restore that one from your backup, or give this one an id of "
                  "its own");
}

/// Calls `action(key)` for all keys that could be had. One that is out of reach, unless it is the
/// current one, is worth a warning.
template <class Action>
void for_each_key(const Keyring& keyring, std::vector<std::string>& warnings, Action action) {
  for (const KeyringKey& key : keyring.keys()) {
    if (key.kek == nullptr) continue;
    try {
      action(key);
    } catch (const Error& error) {
      if (error.code != ErrorCode::unavailable || &key == &keyring.current()) throw;
      warnings.push_back("key " + in_quotes(key.id) +
                         " cannot be checked: " + std::string(error.message()));
    }
  }
}

/// An old copy of the keyring would seal with a key that was given up. A key that is new to the
/// deployment is no such one: people go on with it when others are lost.
void require_latest(const Keyring& keyring, const Deployment& deployment) {
  const std::string& last = deployment.current_key;
  const bool current_is_new = !deployment.key_checks.contains(keyring.current().id);
  if (last.empty() || keyring.find(last) != nullptr || current_is_new) return;
  throw Error(ErrorCode::failed_precondition,
              "key " + in_quotes(last) +
                  ", which sealed the last secrets of this deployment, is not in the keyring: this "
                  "may be an old copy of it, so restore the latest; if the key was taken out for "
                  "good, take 'current_key' out of 'kist-deployment.json'");
}

}  // namespace

std::vector<std::string> check_keys(const Keyring& keyring, const Deployment& deployment,
                                    const std::optional<DeploymentDirectory>& directory) {
  std::vector<std::string> warnings;
  if (!directory || !deployment.remembered) return warnings;
  require_latest(keyring, deployment);
  KeyChecks missing;
  for_each_key(keyring, warnings, [&](const KeyringKey& key) {
    const auto found = deployment.key_checks.find(key.id);
    if (found != deployment.key_checks.end())
      check(key, found->second, deployment.id);
    else
      missing.emplace(key.id, key.kek->wrap(new_key().view(), associated(deployment.id, key.id)));
  });
  const std::string& current = keyring.current().id;
  if (missing.empty() && deployment.current_key == current) return warnings;
  KeyChecks remembered;
  try {
    remembered = add_key_checks(directory->path, missing, current);
  } catch (const Error& error) {
    // A store that is only to be read, or whose disk is full, can be read all the same.
    if (error.code != ErrorCode::permission_denied && error.code != ErrorCode::unavailable) throw;
    warnings.push_back(
        "the deployment does not remember its keys, and will not notice at start if "
        "they are lost or others: " +
        std::string(error.message()));
    return warnings;
  }
  // Another host may have been first, and with another key.
  for_each_key(keyring, warnings, [&](const KeyringKey& key) {
    const auto found = remembered.find(key.id);
    if (missing.contains(key.id) && found != remembered.end() &&
        found->second != missing.at(key.id))
      check(key, found->second, deployment.id);
  });
  return warnings;
}

void check_key(const KeyringKey& key, const Deployment& deployment) {
  const auto found = deployment.key_checks.find(key.id);
  if (found != deployment.key_checks.end()) check(key, found->second, deployment.id);
}

}  // namespace kist::core
