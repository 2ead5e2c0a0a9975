// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include <kist/secrets_store_interface.hpp>

namespace kist::core {

/// Runs `work` with a call of its own, whose time begins then. May throw cancelled instead.
using WithCall = std::function<void(const std::function<void(Call&)>& work)>;

/// The ids of all secrets of a store, also of those that cannot be read, in ascending order: what
/// was created or deleted meanwhile may be among them or not. 16 bytes a secret.
/// Errors: those of list_secrets().
std::vector<Uuid> ids_of_all_secrets(Call& call, SecretsStoreInterface& store);

/// The same error with the secret's id in its message; the store's own words may not say which
/// secret it was.
Error naming_secret(const Uuid& id, const Error& error);

}  // namespace kist::core
