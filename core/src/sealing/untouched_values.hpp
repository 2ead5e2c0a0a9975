// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <utility>

#include <kist/models.hpp>

namespace kist::core {

/// True if `update` leaves values of the secret as they are: all, or those that a patch does not
/// name.
inline bool leaves_values(const SecretUpdate& update) {
  return !update.values || !update.replace_values;
}

/// What such an update leaves of `values`.
inline SecretValues untouched_values(const SecretUpdate& update, SecretValues values) {
  if (!update.values) return values;
  for (std::size_t i = 0; i < update.values->size(); ++i) values.erase(update.values->key(i));
  return values;
}

}  // namespace kist::core
