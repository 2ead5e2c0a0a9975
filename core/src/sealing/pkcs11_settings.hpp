// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include <kist/secret_value.hpp>

namespace kist::core {

/// Where a KEK is on a PKCS#11 token.
struct Pkcs11Settings {
  std::filesystem::path module;  ///< The token's library, an absolute path.
  std::string token;             ///< The token's label.
  std::string label;             ///< CKA_LABEL of the key.
  SecretValue pin;               ///< Of the token's user.
};

/// For people: "PKCS#11 token 'kist', key 'k1'".
std::string describe(const Pkcs11Settings& settings);

}  // namespace kist::core
