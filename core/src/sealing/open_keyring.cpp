// SPDX-License-Identifier: Apache-2.0
#include "sealing/open_keyring.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <kist/error.hpp>

#include "sealing/key_source.hpp"
#include "sealing/keyring_file.hpp"
#include "sealing/local_key.hpp"
#include "text/printable.hpp"
#include "text/suggestion.hpp"

namespace kist::core {
namespace {

KeyringKey local_key(std::string id, std::string source, SecretValue bytes) {
  KeyringKey key{std::move(id), std::move(source), nullptr};
  key.fingerprint = fingerprint_of(bytes.view());
  key.kek = std::make_unique<LocalKey>(std::move(bytes));
  return key;
}

Keyring ephemeral_keyring() {
  std::vector<KeyringKey> keys;
  keys.push_back(local_key(std::string(kEphemeralKeyId), "the memory of this process", new_key()));
  return {std::move(keys), kEphemeralKeyId};
}

Error missing(const std::filesystem::path& path, const KeyringUse& use) {
  const std::string file = describe_keyring_file(path);
  if (use.has_been_sealed)
    return {ErrorCode::failed_precondition,
            file +
                " is missing, and without its keys the secrets of this deployment do not open; "
                "restore it from your backup"};
  return {ErrorCode::failed_precondition,
          file + " does not exist; make it with 'kist keys init', or restore it from your backup"};
}

/// The keys of the file, which is made if this is the first time.
std::vector<KeyLine> lines_of(const std::filesystem::path& path, const SealingSettings& settings,
                              const KeyringUse& use, bool& made) {
  std::optional<std::vector<KeyLine>> lines = read_keyring_file(path);
  if (!lines) {
    if (use.has_been_sealed || settings.keyring) throw missing(path, use);
    try {
      create_keyring_file(path);
      made = true;
    } catch (const Error& error) {
      if (error.code != ErrorCode::already_exists) throw;  // Else another host was first.
    }
    lines = read_keyring_file(path);
    if (!lines) throw missing(path, use);
  }
  return std::move(*lines);
}

void add_configured_keys(std::vector<KeyringKey>& keys, const SealingSettings& settings,
                         const Environment& environment) {
  for (const SealingKeySettings& key : settings.keys) {
    const auto twin = std::ranges::find(keys, key.id, &KeyringKey::id);
    if (twin != keys.end())
      throw Error(ErrorCode::failed_precondition, "key " + in_quotes(key.id) + " is in " +
                                                      twin->source + " and at " + key.place +
                                                      "; expected an id of its own for each");
  }
  // Commands come last, so that they do not inherit the variables that keys were in.
  for (const bool runs : {false, true}) {
    for (const SealingKeySettings& key : settings.keys) {
      if (std::holds_alternative<KeyCommand>(key.source) == runs)
        keys.push_back(obtain_key(key, environment));
    }
  }
}

std::string current_of(const SealingSettings& settings, const std::vector<KeyringKey>& keys,
                       const std::optional<std::string>& last_of_file) {
  if (!settings.current) return last_of_file ? *last_of_file : keys.front().id;
  std::vector<std::string_view> ids;
  for (const KeyringKey& key : keys) ids.push_back(key.id);
  if (std::ranges::find(ids, *settings.current) == ids.end())
    throw Error(ErrorCode::failed_precondition, "key " + in_quotes(*settings.current) +
                                                    " of 'sealing.current' is not in the keyring" +
                                                    allowed_words(*settings.current, ids));
  return *settings.current;
}

}  // namespace

KeyringUse keyring_use(const StoreTypeManifest& manifest,
                       const std::optional<DeploymentDirectory>& directory,
                       const Deployment& deployment) {
  KeyringUse use;
  use.store_forgets = !manifest.has("persistent");
  use.has_been_sealed = !deployment.key_checks.empty();
  // Hosts that share a store over the network must share the keys too: nobody makes them by the
  // way.
  if (manifest.has("local") && directory) use.default_file = directory->path / kKeyringFileName;
  return use;
}

std::optional<std::filesystem::path> keyring_file(const SealingSettings& settings,
                                                  const KeyringUse& use) {
  if (settings.keyring) return settings.keyring;
  if (!settings.keys.empty() || use.store_forgets) return std::nullopt;
  return use.default_file;
}

OpenedKeyring open_keyring(const SealingSettings& settings, const Environment& environment,
                           const KeyringUse& use) {
  const std::optional<std::filesystem::path> file = keyring_file(settings, use);
  if (!file && settings.keys.empty()) {
    if (use.store_forgets) return {ephemeral_keyring(), std::nullopt};
    throw Error(ErrorCode::failed_precondition,
                "the secrets of this store are to be sealed, and there is no key to seal them "
                "with; make a keyring file with 'kist keys init' and name it as 'sealing.keyring', "
                "or set 'sealing.enabled' to false");
  }
  std::vector<KeyringKey> keys;
  std::optional<std::string> last_of_file;
  bool made = false;
  if (file) {
    for (KeyLine& line : lines_of(*file, settings, use, made))
      keys.push_back(local_key(*line.id, describe_keyring_file(*file), std::move(line.key)));
    last_of_file = keys.back().id;
  }
  add_configured_keys(keys, settings, environment);
  if (keys.size() > kMaxKeyringKeys)
    throw Error(ErrorCode::failed_precondition, "the keyring has " + std::to_string(keys.size()) +
                                                    " keys; expected at most " +
                                                    std::to_string(kMaxKeyringKeys));
  const std::string current = current_of(settings, keys, last_of_file);
  return {Keyring(std::move(keys), current), made ? file : std::nullopt};
}

std::string describe_made_keyring(const std::filesystem::path& path) {
  return "made the key file " + in_quotes(path.native(), 4096) +
         ": it opens every secret of this store, and without it they are lost; keep a copy apart "
         "from the store";
}

}  // namespace kist::core
