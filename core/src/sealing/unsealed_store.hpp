// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "secrets/store_decorator.hpp"

namespace kist::core {

/// A store whose values are not sealed, by configuration or because it encrypts by itself. Lest an
/// envelope from a time when they were is served as if it were the value, whatever begins as one is
/// neither read nor written.
///
/// Errors beside those of the store: failed_precondition: a value is sealed; invalid_argument: a
/// value to be stored looks as if it were.
class UnsealedStore final : public StoreDecorator {
 public:
  /// `store` outlives it.
  explicit UnsealedStore(SecretsStoreInterface& store) : StoreDecorator(store) {}

  Secret create_secret(Call& call, Secret secret) override;
  Secret get_secret(Call& call, const Uuid& id) override;
  Secret update_secret(Call& call, const SecretUpdate& update) override;
};

}  // namespace kist::core
