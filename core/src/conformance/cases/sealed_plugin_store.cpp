// SPDX-License-Identifier: Apache-2.0
#include "sealed_plugin_store.hpp"

#include <string>
#include <utility>
#include <vector>

#include "sealing/local_key.hpp"

namespace kist::conformance {
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

SealedParts::SealedParts(std::unique_ptr<SecretsStoreInterface> store, const Uuid& deployment_id)
    : plugin_store(std::move(store)),
      keyring(fixed_keyring()),
      sealer(keyring, deployment_id),
      sealed(*plugin_store, sealer) {}

}  // namespace kist::conformance
