// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "config/configuration.hpp"
#include "config/interpolation.hpp"
#include "config/json_document.hpp"

namespace kist::core {

/// All that a configuration is made from.
struct ConfigurationSources {
  const JsonDocument* document = nullptr;   ///< Null: there is no file.
  std::filesystem::path file_directory;     ///< Absolute.
  std::filesystem::path working_directory;  ///< Absolute.
  Environment environment;
  std::vector<std::string_view> store_options;         ///< `name=value`, of --store-option.
  std::vector<std::string_view> backup_store_options;  ///< The same for the backup store.
  FileReader read_file;                                ///< For `${file:PATH}`.
};

/// Reads, merges and checks all that can be checked without a plugin's manifest.
/// Errors: invalid_argument, naming the place, what was found and what is allowed; never a value
/// that may be a secret. Also if there is no `secrets_store` anywhere.
Configuration read_configuration(const ConfigurationSources& sources);

}  // namespace kist::core
