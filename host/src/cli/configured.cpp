// SPDX-License-Identifier: Apache-2.0
#include "cli/configured.hpp"

#include <array>
#include <system_error>
#include <utility>

#include "cli/failure.hpp"
#include "config/configuration_reader.hpp"
#include "text/printable.hpp"

namespace kist::cli {
namespace {

std::filesystem::path working_directory() {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::current_path(error);
  if (error)
    throw Error(ErrorCode::unavailable,
                "the working directory cannot be found: " + error.message());
  return path;
}

/// Protection that somebody counts on is there, or nothing works.
void refuse_missing_protection(const core::Configuration& configuration) {
  if (configuration.plugins.trust.unsigned_plugins == "refuse")
    throw Error(ErrorCode::failed_precondition,
                "plugins.trust.unsigned is \"refuse\", and this version cannot check signatures "
                "yet; expected \"allow\", with a pin of each plugin in plugins.trust.sha256");
}

}  // namespace

std::string LoadedConfiguration::describe_file() const {
  if (!found) return "no configuration file";
  return core::in_quotes(found->path.native(), 4096) + ", " + found->reason;
}

core::ConfigurationSearchResult search_configuration(const Session& session) {
  return core::find_configuration_file({session.config, session.environment, working_directory()});
}

LoadedConfiguration load_configuration(const Session& session) {
  const std::filesystem::path directory = working_directory();
  core::ConfigurationSearchResult search = search_configuration(session);
  LoadedConfiguration loaded;
  loaded.found = std::move(search.file);
  core::ConfigurationSources sources;
  sources.working_directory = directory;
  sources.file_directory = directory;
  sources.environment = session.environment;
  for (const SecretValue& option : session.store_options)
    sources.store_options.push_back(option.reveal());
  sources.read_file = core::read_regular_file;
  if (loaded.found) {
    loaded.file = core::read_configuration_file(*loaded.found, directory);
    sources.document = &loaded.file->document;
    sources.file_directory = loaded.file->directory;
  }
  try {
    loaded.configuration = core::read_configuration(sources);
  } catch (const Error& error) {
    if (loaded.found) throw;
    throw ErrorWithTrail(error, std::move(search.tried));
  }
  refuse_missing_protection(loaded.configuration);
  return loaded;
}

std::vector<std::string> secrets_warnings(const LoadedConfiguration& loaded) {
  if (!loaded.file) return {};
  return core::warn_of_readable_secrets(*loaded.file, loaded.configuration.settings);
}

std::filesystem::path directory_of_program() {
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error)
    throw Error(ErrorCode::unavailable,
                "the directory of this program cannot be found in /proc: " + error.message());
  return program.parent_path();
}

std::vector<std::filesystem::path> plugin_directories(const core::PluginSettings& settings) {
  if (settings.directories) return *settings.directories;
  return {(directory_of_program() / "../lib/kist/plugins").lexically_normal()};
}

core::PluginPolicy plugin_policy(const core::PluginSettings& settings) {
  core::PluginPolicy policy;
  policy.pins.insert(settings.trust.sha256.begin(), settings.trust.sha256.end());
  return policy;
}

core::PluginSearch plugin_search(const core::PluginSettings& settings) {
  return {plugin_directories(settings), plugin_policy(settings)};
}

namespace {

/// What the search says, with the place that asked for the plugin before it.
core::PluginSelection find_plugin(const core::PluginSearch& search,
                                  const core::StoreSettings& settings) {
  const std::string place =
      (settings.class_path ? settings.class_path_origin : settings.type_origin).place + ": ";
  try {
    return settings.class_path ? search.by_class_path(core::ClassPath::parse(*settings.class_path))
                               : search.by_type(settings.type);
  } catch (const core::PluginNotFound& error) {
    throw core::PluginNotFound(place + error.what(), error.trail);
  } catch (const core::PluginRefused&) {
    throw;  // It names the file, and that is what must be mended.
  } catch (const Error& error) {
    throw Error(error.code, place + error.what());
  }
}

}  // namespace

SelectedStore select_store(const LoadedConfiguration& loaded, const core::StoreSettings& settings) {
  const core::PluginSearch search = plugin_search(loaded.configuration.plugins);
  core::PluginSelection selection = find_plugin(search, settings);
  core::CheckedOptions options =
      core::check_store_options(settings, *selection.plugin.manifest.store(selection.store_type));
  std::vector<std::string> warnings = options.warnings;
  if (settings.section == "secrets_store") {
    for (std::string& warning : secrets_warnings(loaded)) warnings.push_back(std::move(warning));
  }
  if (loaded.file) {
    for (std::string& warning : core::warn_of_readable_secrets(*loaded.file, options))
      warnings.push_back(std::move(warning));
  }
  for (const core::Finding& finding : selection.plugin.warnings)
    warnings.push_back("plugin '" + selection.plugin.manifest.id + "': " + to_string(finding));
  return {std::move(selection), std::move(options), std::move(warnings)};
}

}  // namespace kist::cli
