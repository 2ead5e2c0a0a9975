// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "cli/configured.hpp"
#include "cli/session.hpp"
#include "config/deployment.hpp"
#include "loader/plugin_store.hpp"
#include "sealing/open_keyring.hpp"
#include "sealing/sealer.hpp"
#include "secrets/no_secrets_store.hpp"
#include "secrets/secrets_service.hpp"

namespace kist::cli {

/// A store of a plugin that is open, and what it was opened with.
struct OpenPlugin {
  core::CheckedOptions options;
  std::unique_ptr<core::PluginStore> store;
  /// SHA-256 of the plugin's bytes, the store type, the deployment and the options: what has the
  /// same would be opened in the same way.
  std::string fingerprint;
};

/// Everything from a configuration to the rules over an open store, built in the order of its
/// members, and taken down in the reverse.
class OpenHost {
 public:
  /// Warnings go to standard error, as does what plugins say. `session` outlives it. Errors: those
  /// of configured.hpp and deployment.hpp; what the plugin fails to open with.
  explicit OpenHost(Session& session) : OpenHost(session, nullptr) {}

  /// A host of the configuration as it is now, beside the one that serves. Where plugin, store and
  /// deployment are the same still, the open store is shared; where the plugin's bytes are, so is
  /// its code. Everything else is read anew, the keyring too.
  OpenHost(Session& session, const OpenHost& previous) : OpenHost(session, &previous) {}

  const LoadedConfiguration& loaded() const { return loaded_; }
  const core::Deployment& deployment() const { return deployment_; }
  const core::Directory& directory() const { return directory_; }
  const core::Limits& limits() const { return limits_; }
  core::SecretsService& service() { return service_; }
  SecretsStoreInterface& store() { return *store_; }

  /// Null: secrets are switched off.
  const OpenPlugin* plugin() const { return plugin_.get(); }

  /// What seals the values of the store.
  struct SealingParts {
    SealingParts(core::Keyring ring, const Uuid& deployment_id)
        : keyring(std::move(ring)), sealer(keyring, deployment_id) {}

    core::Keyring keyring;
    core::Sealer sealer;
  };
  /// Null: they are not sealed.
  SealingParts* sealing() { return sealing_.get(); }
  const SealingParts* sealing() const { return sealing_.get(); }
  /// The store behind the sealing. There must be a plugin.
  SecretsStoreInterface& raw_store() { return *plugin_->store; }

 private:
  OpenHost(Session& session, const OpenHost* previous);

  std::unique_ptr<SecretsStoreInterface> open_store(Session& session, const OpenHost* previous);
  std::shared_ptr<const OpenPlugin> open_plugin(Session& session, SelectedStore selected,
                                                const OpenHost* previous);

  LoadedConfiguration loaded_;
  std::shared_ptr<const core::HostTable> table_;  // Of all that share a plugin's code.
  core::Deployment deployment_;
  std::shared_ptr<const OpenPlugin> plugin_;
  std::unique_ptr<SealingParts> sealing_;
  std::unique_ptr<SecretsStoreInterface> store_;  // Before plugin_'s, or instead of it.
  core::Directory directory_;
  core::Limits limits_;
  core::SecretsService service_;
};

/// Whether the values of this store are sealed: as configured, else unless it encrypts by itself.
bool is_sealed(const LoadedConfiguration& loaded, const SelectedStore& selected);

/// Where the deployment of this store is remembered; nothing: nowhere.
std::optional<core::DeploymentDirectory> deployment_directory_of(const LoadedConfiguration& loaded,
                                                                 const SelectedStore& selected);

/// The workspaces and principals of a configuration. Errors: those of core::Directory.
core::Directory directory_of(const core::Configuration& configuration, const Uuid& deployment_id);

}  // namespace kist::cli
