// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "sealing/sealed_store.hpp"

namespace kist::contract {

/// A store whose values are sealed, with all that it takes, as the host composes it. The key is the
/// same in every process and at every open.
class SealedPluginStore final : public core::StoreDecorator {
 public:
  SealedPluginStore(std::unique_ptr<SecretsStoreInterface> store, const Uuid& deployment_id);

  /// The store that holds the envelopes.
  SecretsStoreInterface& behind() { return *plugin_store_; }

 private:
  std::unique_ptr<SecretsStoreInterface> plugin_store_;
  core::Keyring keyring_;
  core::Sealer sealer_;
  core::SealedStore sealed_;
};

}  // namespace kist::contract
