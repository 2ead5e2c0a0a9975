// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <kist/secrets_store_interface.hpp>

namespace kist::core {

/// What stands in the place of a store when the configuration says `"type": "none"`: every
/// operation fails with unimplemented.
class NoSecretsStore final : public SecretsStoreInterface {
 public:
  Secret create_secret(Call& call, Secret secret) override;
  Secret get_secret(Call& call, const Uuid& id) override;
  void list_secrets(Call& call, const ListQuery& query, ListSink& sink) override;
  Secret update_secret(Call& call, const SecretUpdate& update) override;
  void delete_secret(Call& call, const Uuid& id, std::optional<std::uint64_t> if_revision) override;
  void check_health(Call& call) override;
};

}  // namespace kist::core
