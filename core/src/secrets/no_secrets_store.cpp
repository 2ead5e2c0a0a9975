// SPDX-License-Identifier: Apache-2.0
#include "secrets/no_secrets_store.hpp"

namespace kist::core {
namespace {

[[noreturn]] void refuse() {
  throw Error(ErrorCode::unimplemented, "secrets are switched off (secrets_store.type is 'none')");
}

}  // namespace

Secret NoSecretsStore::create_secret(Call&, Secret) { refuse(); }
Secret NoSecretsStore::get_secret(Call&, const Uuid&) { refuse(); }
void NoSecretsStore::list_secrets(Call&, const ListQuery&, ListSink&) { refuse(); }
Secret NoSecretsStore::update_secret(Call&, const SecretUpdate&) { refuse(); }
void NoSecretsStore::delete_secret(Call&, const Uuid&, std::optional<std::uint64_t>) { refuse(); }
void NoSecretsStore::check_health(Call&) { refuse(); }

}  // namespace kist::core
