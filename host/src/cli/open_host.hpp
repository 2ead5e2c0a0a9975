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

/// Everything from a configuration to the rules over an open store, built in the order of its
/// members, and taken down in the reverse.
class OpenHost {
 public:
  /// Warnings go to standard error, as does what plugins say. `session` outlives it. Errors: those
  /// of configured.hpp and deployment.hpp; what the plugin fails to open with.
  explicit OpenHost(Session& session);

  const LoadedConfiguration& loaded() const { return loaded_; }
  const core::Deployment& deployment() const { return deployment_; }
  const core::Directory& directory() const { return directory_; }
  const core::Limits& limits() const { return limits_; }
  core::SecretsService& service() { return service_; }
  SecretsStoreInterface& store() { return *store_; }

  /// Nothing of a plugin, if secrets are switched off.
  struct PluginParts {
    core::CheckedOptions options;
    std::unique_ptr<core::PluginStore> store;
  };
  const std::optional<PluginParts>& plugin() const { return plugin_; }

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
  std::unique_ptr<SecretsStoreInterface> open_store(Session& session);
  PluginParts open_plugin(Session& session, SelectedStore selected);

  LoadedConfiguration loaded_;
  core::HostTable table_;
  core::Deployment deployment_;
  std::optional<PluginParts> plugin_;
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
