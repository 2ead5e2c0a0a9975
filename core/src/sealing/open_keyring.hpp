// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>

#include "config/deployment.hpp"
#include "config/environment.hpp"
#include "config/sealing_settings.hpp"
#include "sealing/keyring.hpp"

namespace kist::core {

/// The id of the only key of a store that forgets; it is in no file.
inline constexpr std::string_view kEphemeralKeyId = "ephemeral";

/// What a keyring is opened for.
struct KeyringUse {
  bool store_forgets = false;
  /// Where the keyring lies if the configuration names no keys; nothing: it must.
  std::optional<std::filesystem::path> default_file = {};
  /// The deployment has key checks: values have been sealed before.
  bool has_been_sealed = false;
};

/// `deployment`: where its file lies, and what it says.
KeyringUse keyring_use(const StoreTypeManifest& manifest,
                       const std::optional<DeploymentDirectory>& directory,
                       const Deployment& deployment);

/// The keyring file that counts; nothing: there is none, all keys come from `sealing.keys`.
std::optional<std::filesystem::path> keyring_file(const SealingSettings& settings,
                                                  const KeyringUse& use);

struct OpenedKeyring {
  Keyring keyring;
  /// The keyring file that was made just now: people must be told to keep a copy.
  std::optional<std::filesystem::path> made = {};
};

/// All keys of the keyring file and of `sealing.keys`. Current is `sealing.current`, else the last
/// of the file, else the only key there is. A key that cannot be had is in the ring with its
/// problem. For a store that is opened for the first time the default
/// file is made. A variable that had a key is forgotten, so only while the process has one thread.
/// Errors: failed_precondition: there are no keys to be had, the file is missing, an id is there
/// twice, `sealing.current` is not there; those of read_keyring_file() and
/// create_keyring_file().
OpenedKeyring open_keyring(const SealingSettings& settings, const Environment& environment,
                           const KeyringUse& use);

/// "made the key file '…': …", for people.
std::string describe_made_keyring(const std::filesystem::path& path);

}  // namespace kist::core
