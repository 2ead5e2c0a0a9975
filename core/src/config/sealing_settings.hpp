// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sealing/pkcs11_settings.hpp"

namespace kist::core {

struct KeyFile {
  std::filesystem::path path;  ///< Absolute.
};

/// An environment variable.
struct KeyVariable {
  std::string name;
};

struct KeyCommand {
  std::vector<std::string> arguments;  ///< The program first, as an absolute path.
};

/// A file in the directory that systemd hands to a service.
struct KeyCredential {
  std::string name;
};

using KeySource = std::variant<KeyFile, KeyVariable, KeyCommand, KeyCredential, Pkcs11Settings>;

struct SealingKeySettings {
  std::string id;
  std::string place;  ///< "kist.json:4:5".
  KeySource source;
};

struct SealingSettings {
  std::optional<bool> enabled;  ///< Nothing: "auto", which depends on the store.
  std::optional<std::filesystem::path> keyring;
  std::optional<std::string> current;
  std::vector<SealingKeySettings> keys;  ///< Of different ids.

  /// False: the keyring lies in its default place.
  bool names_keys() const { return keyring || !keys.empty(); }
};

}  // namespace kist::core
