// SPDX-License-Identifier: Apache-2.0
#include "api/metered_store.hpp"

#include <type_traits>
#include <utility>

namespace kist::api {

template <class Run>
auto MeteredStore::counted(StoreOperation operation, Run run) {
  try {
    if constexpr (std::is_void_v<decltype(run())>) {
      run();
      metrics_.store_call(operation, std::nullopt);
    } else {
      auto result = run();
      metrics_.store_call(operation, std::nullopt);
      return result;
    }
  } catch (const Error& error) {
    metrics_.store_call(operation, error.code);
    throw;
  }
}

Secret MeteredStore::create_secret(Call& call, Secret secret) {
  return counted(StoreOperation::create,
                 [&] { return store_.create_secret(call, std::move(secret)); });
}

Secret MeteredStore::get_secret(Call& call, const Uuid& id) {
  return counted(StoreOperation::get, [&] { return store_.get_secret(call, id); });
}

void MeteredStore::list_secrets(Call& call, const ListQuery& query, ListSink& sink) {
  counted(StoreOperation::list, [&] { store_.list_secrets(call, query, sink); });
}

Secret MeteredStore::update_secret(Call& call, const SecretUpdate& update) {
  return counted(StoreOperation::update, [&] { return store_.update_secret(call, update); });
}

void MeteredStore::delete_secret(Call& call, const Uuid& id,
                                 std::optional<std::uint64_t> if_revision) {
  counted(StoreOperation::remove, [&] { store_.delete_secret(call, id, if_revision); });
}

void MeteredStore::check_health(Call& call) {
  counted(StoreOperation::health, [&] { store_.check_health(call); });
}

}  // namespace kist::api
