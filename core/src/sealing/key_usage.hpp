// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include <kist/secrets_store_interface.hpp>

#include "sealing/stored_secrets.hpp"

namespace kist::core {

/// Under which KEKs the values of a store are, as far as their envelopes say: none is opened.
struct KeyUsage {
  std::map<std::string, std::uint64_t, std::less<>> values;  ///< By key id; none is 0.
  std::uint64_t unsealed_values = 0;
  std::uint64_t damaged_values = 0;      ///< They begin as envelopes, and are none.
  std::uint64_t unreadable_secrets = 0;  ///< Whose values are in none of these numbers.

  std::uint64_t under(std::string_view key_id) const {
    const auto found = values.find(key_id);
    return found == values.end() ? 0 : found->second;
  }
};

/// Reads every secret of `store`, the one behind the sealing. `advanced(scanned, total)` is called
/// after each, and `unreadable`, if it is there, with an error that names the secret where the
/// store calls one corrupt. Errors: those of the store, but not_found and corrupt.
KeyUsage key_usage(SecretsStoreInterface& store, const WithCall& with_call,
                   const std::function<void(std::uint64_t, std::uint64_t)>& advanced,
                   const std::function<void(const Error&)>& unreadable = {});

}  // namespace kist::core
