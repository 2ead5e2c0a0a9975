// SPDX-License-Identifier: Apache-2.0
#include "secrets/same_secret.hpp"

#include <openssl/crypto.h>

namespace kist::core {
namespace {

/// Looks at all bytes of all values, whether or not an earlier one differs.
bool same_values(const SecretValues& a, const SecretValues& b) {
  if (a.size() != b.size()) return false;
  int difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto left = a[i], right = b[i];
    if (left.key != right.key || left.value.size() != right.value.size()) return false;
    difference |=
        CRYPTO_memcmp(left.value.reveal().data(), right.value.reveal().data(), left.value.size());
  }
  return difference == 0;
}

}  // namespace

std::optional<Secret> find_same_secret(Call& call, SecretsStoreInterface& store,
                                       const Secret& wanted) {
  try {
    Secret stored = store.get_secret(call, wanted.id);
    if (stored.name == wanted.name && stored.scope == wanted.scope &&
        stored.workspace_id == wanted.workspace_id && stored.user_id == wanted.user_id &&
        same_values(stored.values, wanted.values))
      return stored;
  } catch (const Error& error) {
    if (error.code != ErrorCode::not_found && error.code != ErrorCode::corrupt &&
        error.code != ErrorCode::failed_precondition)
      throw;
  }
  return std::nullopt;
}

}  // namespace kist::core
