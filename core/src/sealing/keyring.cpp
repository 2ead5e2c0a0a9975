// SPDX-License-Identifier: Apache-2.0
#include "sealing/keyring.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include <kist/error.hpp>

namespace kist::core {

bool is_key_id(std::string_view id) {
  constexpr std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return !id.empty() && id.size() <= kMaxKeyIdBytes &&
         id.find_first_not_of(allowed) == std::string_view::npos;
}

Keyring::Keyring(std::vector<KeyringKey> keys, std::string_view current) : keys_(std::move(keys)) {
  const auto found = std::ranges::find(keys_, current, &KeyringKey::id);
  assert(found != keys_.end());
  current_ = static_cast<std::size_t>(found - keys_.begin());
}

void Keyring::require_current() const {
  if (current().kek == nullptr)
    throw Error(ErrorCode::failed_precondition,
                "the current key '" + current().id +
                    "' of the keyring cannot be had: " + current().problem);
}

const KeyringKey* Keyring::find(std::string_view id) const {
  const auto found = std::ranges::find(keys_, id, &KeyringKey::id);
  return found == keys_.end() ? nullptr : &*found;
}

}  // namespace kist::core
