// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include <kist/secrets_store_interface.hpp>

namespace kist::core {

/// What the store holds under the id of `wanted`, if it is the same but for its times and revision:
/// an earlier call has made it already. Nothing: there is none, another, or one whose values cannot
/// be read. Errors: those of get_secret() otherwise.
std::optional<Secret> find_same_secret(Call& call, SecretsStoreInterface& store,
                                       const Secret& wanted);

}  // namespace kist::core
