// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/metrics.hpp"
#include "secrets/store_decorator.hpp"

namespace kist::api {

/// Counts the calls to the store behind it, and what came of them.
class MeteredStore final : public core::StoreDecorator {
 public:
  /// `store` and `metrics` outlive it.
  MeteredStore(SecretsStoreInterface& store, Metrics& metrics)
      : StoreDecorator(store), metrics_(metrics) {}

  Secret create_secret(Call& call, Secret secret) override;
  Secret get_secret(Call& call, const Uuid& id) override;
  void list_secrets(Call& call, const ListQuery& query, ListSink& sink) override;
  Secret update_secret(Call& call, const SecretUpdate& update) override;
  void delete_secret(Call& call, const Uuid& id, std::optional<std::uint64_t> if_revision) override;
  void check_health(Call& call) override;

 private:
  template <class Run>
  auto counted(StoreOperation operation, Run run);

  Metrics& metrics_;
};

}  // namespace kist::api
