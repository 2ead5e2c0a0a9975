// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sealing/sealer.hpp"
#include "secrets/store_decorator.hpp"

namespace kist::core {

/// A store whose values are sealed before they reach the store behind it, which then holds
/// envelopes only. Names, keys, owners and times pass as they are. As concurrent as the store
/// behind it.
///
/// Errors beside those of the store: those of Sealer.
class SealedStore final : public StoreDecorator {
 public:
  /// Both outlive it.
  SealedStore(SecretsStoreInterface& store, Sealer& sealer)
      : StoreDecorator(store), sealer_(sealer) {}

  Secret create_secret(Call& call, Secret secret) override;
  Secret get_secret(Call& call, const Uuid& id) override;
  /// A patch is refused before anything changes if a value that it leaves does not open.
  Secret update_secret(Call& call, const SecretUpdate& update) override;

 private:
  Secret opened(const Uuid& id, Secret sealed);
  Secret opened_after_write(const Uuid& id, Secret sealed);
  void check_untouched(Call& call, const SecretUpdate& update);

  Sealer& sealer_;
};

}  // namespace kist::core
