// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <kist/secrets_store_interface.hpp>

namespace kist::core {

/// A store whose values are not sealed, by configuration or because it encrypts by itself. Lest an
/// envelope from a time when they were is served as if it were the value, whatever begins as one is
/// neither read nor written.
///
/// Errors beside those of the store: failed_precondition: a value is sealed; invalid_argument: a
/// value to be stored looks as if it were.
class UnsealedStore final : public SecretsStoreInterface {
 public:
  /// `store` outlives it.
  explicit UnsealedStore(SecretsStoreInterface& store) : store_(store) {}

  Secret create_secret(Call& call, Secret secret) override;
  Secret get_secret(Call& call, const Uuid& id) override;
  void list_secrets(Call& call, const ListQuery& query, ListSink& sink) override;
  Secret update_secret(Call& call, const SecretUpdate& update) override;
  void delete_secret(Call& call, const Uuid& id, std::optional<std::uint64_t> if_revision) override;
  void check_health(Call& call) override;

 private:
  SecretsStoreInterface& store_;
};

}  // namespace kist::core
