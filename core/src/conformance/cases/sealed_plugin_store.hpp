// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include "sealing/sealed_store.hpp"

namespace kist::conformance {

/// What a sealed store is made of, as the host composes it. The key is the same in every process
/// and at every open.
struct SealedParts {
  SealedParts(std::unique_ptr<SecretsStoreInterface> store, const Uuid& deployment_id);

  std::unique_ptr<SecretsStoreInterface> plugin_store;
  core::Keyring keyring;
  core::Sealer sealer;
  core::SealedStore sealed;
};

/// A store whose values are sealed, with all that it takes.
class SealedPluginStore final : private SealedParts, public core::StoreDecorator {
 public:
  SealedPluginStore(std::unique_ptr<SecretsStoreInterface> store, const Uuid& deployment_id)
      : SealedParts(std::move(store), deployment_id),
        StoreDecorator(static_cast<SecretsStoreInterface&>(sealed)) {}

  /// The store that holds the envelopes.
  SecretsStoreInterface& behind() { return *plugin_store; }
};

}  // namespace kist::conformance
