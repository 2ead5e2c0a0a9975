// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "sealing/sealed_store.hpp"

namespace kist::contract {

/// A store whose values are sealed, with all that it takes, as the host composes it. The key is the
/// same in every process and at every open.
class SealedPluginStore final : public SecretsStoreInterface {
 public:
  SealedPluginStore(std::unique_ptr<SecretsStoreInterface> store, const Uuid& deployment_id);

  Secret create_secret(Call& call, Secret secret) override;
  Secret get_secret(Call& call, const Uuid& id) override;
  void list_secrets(Call& call, const ListQuery& query, ListSink& sink) override;
  Secret update_secret(Call& call, const SecretUpdate& update) override;
  void delete_secret(Call& call, const Uuid& id, std::optional<std::uint64_t> if_revision) override;
  void check_health(Call& call) override;

  /// The store that holds the envelopes.
  SecretsStoreInterface& behind() { return *store_; }

 private:
  std::unique_ptr<SecretsStoreInterface> store_;
  core::Keyring keyring_;
  core::Sealer sealer_;
  core::SealedStore sealed_;
};

}  // namespace kist::contract
