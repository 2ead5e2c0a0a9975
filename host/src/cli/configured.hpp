// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/session.hpp"
#include "config/configuration.hpp"
#include "config/configuration_file.hpp"
#include "config/store_options.hpp"
#include "loader/plugin_search.hpp"

namespace kist::cli {

/// The configuration in force. Nothing of a plugin has run, nor been looked at.
struct LoadedConfiguration {
  core::Configuration configuration;
  std::optional<core::FoundConfigurationFile> found;  ///< Nothing: no file, all is from elsewhere.
  std::optional<core::ConfigurationFile> file;

  /// "'kist.json', named by --config"; or that there is none.
  std::string describe_file() const;
};

/// Which file that is, if there is one. Errors: those of find_configuration_file().
core::ConfigurationSearchResult search_configuration(const Session& session);

/// Errors: those of find_configuration_file(), read_configuration_file() and read_configuration();
/// ErrorWithTrail with the places that were looked at if no file was found and one was needed;
/// failed_precondition if it asks for protection that this version does not have.
LoadedConfiguration load_configuration(const Session& session);

/// Sentences about secrets of other sections than those of the stores that others can read.
std::vector<std::string> secrets_warnings(const LoadedConfiguration& loaded);

/// Where this program lies: what belongs to it is found from there, installed or not.
std::filesystem::path directory_of_program();

/// Where plugins are looked for: as configured, or in ../lib/kist/plugins as seen from the
/// directory of this program.
std::vector<std::filesystem::path> plugin_directories(const core::PluginSettings& settings);
core::PluginPolicy plugin_policy(const core::PluginSettings& settings);
core::PluginSearch plugin_search(const core::PluginSettings& settings);

/// A plugin found and checked, and the options that it is to get, checked against its manifest:
/// still, no code of it has run.
struct SelectedStore {
  core::PluginSelection selection;
  core::CheckedOptions options;
  /// Sentences, about the options and the plugin; of `secrets_store`, those of secrets_warnings()
  /// too.
  std::vector<std::string> warnings;

  const core::StoreTypeManifest& manifest() const {
    return *selection.plugin.manifest.store(selection.store_type);
  }
};

/// `settings` is one of the stores of `loaded`, and not off. Errors: those of PluginSearch and
/// check_store_options().
SelectedStore select_store(const LoadedConfiguration& loaded, const core::StoreSettings& settings);

}  // namespace kist::cli
