// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include <kist/secrets_store_interface.hpp>

namespace kist::core {

/// A store that stands before another, and passes all on. Those derived from it change what they
/// are for. As concurrent as the store behind it.
class StoreDecorator : public SecretsStoreInterface {
 public:
  /// `store` outlives it.
  explicit StoreDecorator(SecretsStoreInterface& store) : store_(store) {}
  // A decorator of a decorator stands before it, and is no copy of it.
  StoreDecorator(const StoreDecorator&) = delete;
  StoreDecorator& operator=(const StoreDecorator&) = delete;

  Secret create_secret(Call& call, Secret secret) override {
    return store_.create_secret(call, std::move(secret));
  }
  Secret get_secret(Call& call, const Uuid& id) override { return store_.get_secret(call, id); }
  void list_secrets(Call& call, const ListQuery& query, ListSink& sink) override {
    store_.list_secrets(call, query, sink);
  }
  Secret update_secret(Call& call, const SecretUpdate& update) override {
    return store_.update_secret(call, update);
  }
  void delete_secret(Call& call, const Uuid& id,
                     std::optional<std::uint64_t> if_revision) override {
    store_.delete_secret(call, id, if_revision);
  }
  void check_health(Call& call) override { store_.check_health(call); }

 protected:
  SecretsStoreInterface& store_;
};

}  // namespace kist::core
