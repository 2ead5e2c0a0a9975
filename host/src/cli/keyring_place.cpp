// SPDX-License-Identifier: Apache-2.0
#include "cli/keyring_place.hpp"

#include <utility>

#include "cli/open_host.hpp"
#include "sealing/keyring_file.hpp"
#include "text/printable.hpp"

namespace kist::cli {

std::string KeyringPlace::configuration_file() const {
  return loaded.found ? core::in_quotes(loaded.found->path.native(), 4096) : "kist.json";
}

bool KeyringPlace::has_keyring_file() const { return file && core::read_keyring_file(*file); }

bool KeyringPlace::has_no_keys() const {
  return !is_sealed(loaded, selected) && settings().keys.empty() && !has_keyring_file();
}

bool KeyringPlace::is_to_be_made() const {
  return file && !settings().keyring && !use.has_been_sealed && !has_keyring_file();
}

void warn_if_not_sealed(const Session& session, const KeyringPlace& place) {
  if (is_sealed(place.loaded, place.selected)) return;
  session.warn(place.settings().enabled
                   ? "the values of this store are not sealed: 'sealing.enabled' is false"
                   : "the values of this store are not sealed: it encrypts them by itself");
}

KeyringPlace find_keyring(const Session& session) {
  LoadedConfiguration loaded = load_configuration(session);
  const core::StoreSettings& settings = loaded.configuration.secrets_store;
  if (settings.is_off()) throw no_store();
  SelectedStore selected = select_store(loaded, settings);
  const auto directory = deployment_directory_of(loaded, selected);
  std::optional<core::Deployment> deployment;
  if (directory)
    deployment = core::find_deployment(directory->path, loaded.configuration.deployment_id);
  if (!deployment) deployment = core::new_deployment(loaded.configuration.deployment_id);
  const core::KeyringUse use = core::keyring_use(selected.manifest(), directory, *deployment);
  auto file = core::keyring_file(loaded.configuration.sealing, use);
  return {std::move(loaded), std::move(selected), std::move(*deployment), use, std::move(file)};
}

Error no_store() {
  return {ErrorCode::failed_precondition,
          "secrets are switched off: the configuration says \"type\": \"none\""};
}

Error no_keyring_file(const KeyringPlace& place) {
  const core::SealingSettings& settings = place.settings();
  if (!settings.keys.empty())
    return {ErrorCode::failed_precondition,
            "there is no keyring file: all keys come from 'sealing.keys' (" +
                settings.keys.front().place + ")"};
  if (place.use.store_forgets)
    return {ErrorCode::failed_precondition,
            "store type " + core::in_quotes(place.selected.manifest().type) +
                " forgets its secrets when a process ends, and so the key that each process makes "
                "for them is in no file"};
  return {ErrorCode::failed_precondition,
          "the configuration names no keyring file, and store type " +
              core::in_quotes(place.selected.manifest().type) +
              " has no place of its own for one; make it with 'kist keys init --file PATH', and "
              "name it as 'sealing.keyring'"};
}

}  // namespace kist::cli
