// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <kist/secrets_store_interface.hpp>

#include "sealing/sealer.hpp"

namespace kist::core {

/// A store whose values are sealed before they reach the store behind it, which then holds
/// envelopes only. Names, keys, owners and times pass as they are. As concurrent as the store
/// behind it.
///
/// Errors beside those of the store: those of Sealer.
class SealedStore final : public SecretsStoreInterface {
 public:
  /// Both outlive it.
  SealedStore(SecretsStoreInterface& store, Sealer& sealer) : store_(store), sealer_(sealer) {}

  Secret create_secret(Call& call, Secret secret) override;
  Secret get_secret(Call& call, const Uuid& id) override;
  void list_secrets(Call& call, const ListQuery& query, ListSink& sink) override;
  /// A patch is refused before anything changes if a value that it leaves does not open.
  Secret update_secret(Call& call, const SecretUpdate& update) override;
  void delete_secret(Call& call, const Uuid& id, std::optional<std::uint64_t> if_revision) override;
  void check_health(Call& call) override;

 private:
  Secret opened(const Uuid& id, Secret sealed);
  Secret opened_after_write(const Uuid& id, Secret sealed);
  void check_untouched(Call& call, const SecretUpdate& update);

  SecretsStoreInterface& store_;
  Sealer& sealer_;
};

}  // namespace kist::core
