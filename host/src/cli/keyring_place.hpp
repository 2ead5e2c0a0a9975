// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "cli/configured.hpp"
#include "cli/session.hpp"
#include "config/deployment.hpp"
#include "sealing/open_keyring.hpp"

namespace kist::cli {

/// Where the keys of the configured store come from. The store is not opened, and nothing is made.
struct KeyringPlace {
  LoadedConfiguration loaded;
  SelectedStore selected;
  core::Deployment deployment;  ///< One that nobody remembers, if none is remembered.
  core::KeyringUse use;
  std::optional<std::filesystem::path>
      file;  ///< Nothing: no key of the store is in a keyring file.

  const core::SealingSettings& settings() const { return loaded.configuration.sealing; }
  /// "'/etc/kist/kist.json'".
  std::string configuration_file() const;
  bool has_keyring_file() const;
  /// Values are not sealed, and there are no keys that they could have been sealed with.
  bool has_no_keys() const;
  /// The keyring file is one that the first start makes, and there was none.
  bool is_to_be_made() const;
};

/// Errors: those of load_configuration(), select_store() and find_deployment();
/// failed_precondition: secrets are switched off.
KeyringPlace find_keyring(const Session& session);

/// Keys of a store whose values are not sealed are worth a word.
void warn_if_not_sealed(const Session& session, const KeyringPlace& place);

/// Secrets are switched off, so there are no keys.
Error no_store();

/// There is no keyring file, and why.
Error no_keyring_file(const KeyringPlace& place);

}  // namespace kist::cli
