// SPDX-License-Identifier: Apache-2.0
#include "sealed_plugin_store.hpp"

#include <string>
#include <utility>
#include <vector>

#include "sealing/local_key.hpp"

namespace kist::contract {
namespace {

core::Keyring fixed_keyring() {
  std::vector<core::KeyringKey> keys;
  keys.push_back(
      {.id = "k1",
       .source = "the contract suite",
       .kek = std::make_unique<core::LocalKey>(SecretValue(std::string(core::kKeyBytes, 'K')))});
  return {std::move(keys), "k1"};
}

}  // namespace

SealedPluginStore::SealedPluginStore(std::unique_ptr<SecretsStoreInterface> store,
                                     const Uuid& deployment_id)
    : store_(std::move(store)),
      keyring_(fixed_keyring()),
      sealer_(keyring_, deployment_id),
      sealed_(*store_, sealer_) {}

Secret SealedPluginStore::create_secret(Call& call, Secret secret) {
  return sealed_.create_secret(call, std::move(secret));
}
Secret SealedPluginStore::get_secret(Call& call, const Uuid& id) {
  return sealed_.get_secret(call, id);
}
void SealedPluginStore::list_secrets(Call& call, const ListQuery& query, ListSink& sink) {
  sealed_.list_secrets(call, query, sink);
}
Secret SealedPluginStore::update_secret(Call& call, const SecretUpdate& update) {
  return sealed_.update_secret(call, update);
}
void SealedPluginStore::delete_secret(Call& call, const Uuid& id,
                                      std::optional<std::uint64_t> if_revision) {
  sealed_.delete_secret(call, id, if_revision);
}
void SealedPluginStore::check_health(Call& call) { sealed_.check_health(call); }

}  // namespace kist::contract
