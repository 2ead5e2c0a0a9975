// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <kist/secret_value.hpp>

#include "config/environment.hpp"
#include "config/json_document.hpp"
#include "config/section_reader.hpp"
#include "config/store_options.hpp"

namespace kist::core {

/// Where a configuration file is looked for.
struct ConfigurationSearch {
  std::optional<std::filesystem::path> option;  ///< --config.
  const Environment& environment;               ///< For KIST_CONFIG.
  std::filesystem::path working_directory;      ///< Absolute.
  std::filesystem::path system_file = "/etc/kist/kist.json";
};

struct FoundConfigurationFile {
  std::filesystem::path
      path;            ///< As messages are to name it; relative ones are to working_directory.
  std::string reason;  ///< Why this one: "--config", "KIST_CONFIG", "./kist.json" …
  /// It was found, not named: then only the host's own user or root may own it, since anybody can
  /// leave a file in a directory that all may write to.
  bool owner_matters = false;
};

struct ConfigurationSearchResult {
  std::optional<FoundConfigurationFile> file;  ///< Nothing: none of the places has one.
  std::vector<std::string> tried;              ///< Each place, and what was there: for the log.
};

/// Takes the first of --config, KIST_CONFIG, ./kist.json, /etc/kist/kist.json. The first two are
/// taken whether or not there is such a file, so that a mistyped name is not passed over. Errors:
/// invalid_argument if one of them is empty.
ConfigurationSearchResult find_configuration_file(const ConfigurationSearch& search);

struct ConfigurationFile {
  JsonDocument document;
  std::filesystem::path directory;  ///< Absolute; relative paths of the file start here.
  bool readable_by_others = false;
};

/// Opens, checks and parses the file.
/// Errors: not_found; permission_denied if it cannot be opened; failed_precondition if it is no
/// regular file, is writable for its group or for others, or has the wrong owner; those of
/// parse_json_document().
ConfigurationFile read_configuration_file(const FoundConfigurationFile& file,
                                          const std::filesystem::path& working_directory);

/// A FileReader: follows symbolic links, takes regular files only, never blocks.
/// Errors: as for read_configuration_file(), and invalid_argument if the file is larger.
SecretValue read_regular_file(const std::filesystem::path& path, std::size_t bytes_max);

/// One sentence for each secret option whose text stands in a file that others can read.
std::vector<std::string> warn_of_readable_secrets(const ConfigurationFile& file,
                                                  const CheckedOptions& options);
/// The same for the secrets of the other sections, such as the PIN of a token.
std::vector<std::string> warn_of_readable_secrets(const ConfigurationFile& file,
                                                  const std::vector<Setting>& settings);

}  // namespace kist::core
