// SPDX-License-Identifier: Apache-2.0
#include "cli/config_commands.hpp"

#include <optional>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "cli/audit_place.hpp"
#include "cli/configured.hpp"
#include "cli/json_output.hpp"
#include "cli/open_host.hpp"
#include "cli/standard_streams.hpp"
#include "cli/table.hpp"
#include "config/configuration_table.hpp"
#include "secrets/uuid.hpp"
#include "serve/server_process.hpp"

namespace kist::cli {
namespace {

struct CheckedStore {
  const core::StoreSettings& settings;
  std::optional<SelectedStore> selected;  ///< Nothing: it is off.
};

CheckedStore check_store(const LoadedConfiguration& loaded, const core::StoreSettings& settings) {
  if (settings.is_off()) return {settings, std::nullopt};
  return {settings, select_store(loaded, settings)};
}

std::string description(const CheckedStore& store) {
  if (!store.selected) return "none: switched off";
  const core::CheckedPlugin& plugin = store.selected->selection.plugin;
  return store.settings.type + ", from plugin " + plugin.manifest.id + " " +
         plugin.manifest.version + " (" + plugin.file.path().native() + ")";
}

boost::json::value store_json(const CheckedStore& store) {
  boost::json::object result{{"type", store.settings.type}};
  if (store.selected) {
    const core::CheckedPlugin& plugin = store.selected->selection.plugin;
    result["plugin"] = {{"id", plugin.manifest.id},
                        {"version", plugin.manifest.version},
                        {"path", json_text(plugin.file.path().native())},
                        {"sha256", plugin.file.sha256()}};
  }
  return result;
}

std::vector<std::string> warnings_of(const LoadedConfiguration& loaded, const CheckedStore& first,
                                     const CheckedStore& second) {
  std::vector<std::string> warnings;
  if (!first.selected) warnings = secrets_warnings(loaded);
  for (const CheckedStore* const store : {&first, &second}) {
    if (!store->selected) continue;
    warnings.insert(warnings.end(), store->selected->warnings.begin(),
                    store->selected->warnings.end());
  }
  return warnings;
}

/// Whether it has anything that only `kist serve` reads.
bool is_for_server(const core::Configuration& configuration) {
  return !configuration.http.listen.empty() || configuration.http.tls ||
         !configuration.principals.empty();
}

/// What `kist serve` would not start with, whatever a command that opens the store by itself does.
void check_for_server(const core::Configuration& configuration, const Arguments& arguments) {
  try {
    serve::ServeOptions options;
    options.insecure_listen = arguments.has("insecure-listen");
    serve::check_server(configuration, options);
  } catch (const Error& error) {
    throw Error(error.code, "'kist serve' would not start: " + std::string(error.message()));
  }
}

int check(Session& session, const Arguments& arguments) {
  const LoadedConfiguration loaded = load_configuration(session);
  const core::Configuration& configuration = loaded.configuration;
  // Names and roles do not depend on the deployment's id.
  directory_of(configuration, configuration.deployment_id.value_or(core::new_uuid()));
  const CheckedStore store = check_store(loaded, configuration.secrets_store);
  const CheckedStore backup = check_store(loaded, configuration.backup_secrets_store);
  std::vector<std::string> warnings = warnings_of(loaded, store, backup);
  check_for_server(configuration, arguments);
  if (is_for_server(configuration) && serve::is_known_to_nobody(configuration))
    warnings.emplace_back(
        "no principal has a token, a certificate or a socket_uid, so nobody could ask 'kist "
        "serve'");
  if (session.json()) {
    boost::json::array lines;
    for (const std::string& warning : warnings) lines.push_back(json_text(warning));
    boost::json::value file;
    if (loaded.found) file = json_text(loaded.found->path.native());
    write_json({{"valid", true},
                {"file", std::move(file)},
                {"secrets_store", store_json(store)},
                {"backup_secrets_store", store_json(backup)},
                {"warnings", std::move(lines)}});
    return 0;
  }
  for (const std::string& warning : warnings) session.warn(warning);
  Table table;
  table.row({"file", loaded.describe_file()});
  table.row({"secrets_store", description(store)});
  table.row({"backup_secrets_store", description(backup)});
  write_output("The configuration is valid.\n\n" + table.text());
  return 0;
}

/// The rows can be shown without the plugin too: nothing then says which options are secret.
std::optional<SelectedStore> store_for_show(const Session& session,
                                            const LoadedConfiguration& loaded,
                                            const core::StoreSettings& settings) {
  if (settings.is_off()) return std::nullopt;
  try {
    return select_store(loaded, settings);
  } catch (const core::PluginNotFound& error) {
    session.warn(error.message());
  } catch (const core::PluginRefused& error) {
    session.warn(error.message());
  }
  return std::nullopt;
}

/// The id that an earlier opening of the store left behind; no file is made.
void add_remembered_deployment(const Session& session, const LoadedConfiguration& loaded,
                               const SelectedStore& store, std::vector<core::Setting>& rows) {
  const auto directory = deployment_directory_of(loaded, store);
  if (!directory) return;
  try {
    if (const auto found = core::find_deployment(directory->path))
      rows.push_back({"deployment_id", found->id.to_string(),
                      (directory->path / core::kDeploymentFileName).native()});
  } catch (const Error& error) {
    session.warn(error.message());
  }
}

/// Where the audit log will lie, if it is told nowhere.
void add_audit_file(const Session& session, const LoadedConfiguration& loaded,
                    const SelectedStore* store, std::vector<core::Setting>& rows) {
  if (loaded.configuration.audit.file) return;
  try {
    rows.push_back(
        {"audit.file", audit_file_of(loaded, store).native(), core::Origin{}.describe()});
  } catch (const Error& error) {
    session.warn(error.message());
  }
}

std::vector<core::Setting> settings_of(const Session& session, const LoadedConfiguration& loaded) {
  const core::Configuration& configuration = loaded.configuration;
  const auto store = store_for_show(session, loaded, configuration.secrets_store);
  const auto backup = store_for_show(session, loaded, configuration.backup_secrets_store);
  std::vector<core::Setting> rows;
  if (loaded.found)
    rows.push_back({"file", loaded.found->path.native(), loaded.found->reason});
  else
    rows.push_back({"file", "(none)", "default"});
  for (core::Setting& row : core::show_configuration(
           configuration, store ? &store->options : nullptr, backup ? &backup->options : nullptr))
    rows.push_back(std::move(row));
  add_audit_file(session, loaded, store ? &*store : nullptr, rows);
  if (!configuration.deployment_id && store)
    add_remembered_deployment(session, loaded, *store, rows);
  if (!configuration.plugins.directories) {
    const auto directories = plugin_directories(configuration.plugins);
    for (std::size_t i = 0; i < directories.size(); ++i)
      rows.push_back({"plugins.directories[" + std::to_string(i) + "]", directories[i].native(),
                      core::Origin{}.describe()});
  }
  return rows;
}

int show(Session& session, const Arguments&) {
  const LoadedConfiguration loaded = load_configuration(session);
  const std::vector<core::Setting> settings = settings_of(session, loaded);
  if (session.json()) {
    boost::json::array rows;
    for (const core::Setting& setting : settings) {
      rows.push_back({{"path", json_text(setting.path)},
                      {"value", json_text(setting.text)},
                      {"from", json_text(setting.origin)}});
    }
    write_json({{"settings", std::move(rows)}});
    return 0;
  }
  Table table({"SETTING", "VALUE", "FROM"});
  for (const core::Setting& setting : settings)
    table.row({setting.path, setting.text, setting.origin});
  write_output(table.text());
  return 0;
}

}  // namespace

std::vector<Command> config_commands() {
  return {
      {.words = "config check",
       .summary = "Checks the configuration, its plugins, and what 'kist serve' would start with",
       .details =
           "Nothing of a plugin is run, no store is opened and no key is read: that a store's\n"
           "directory is there, or a back-end answers, is found out by 'kist store info'.\n",
       .examples = {"kist config check", "kist config check --config /etc/kist/kist.json"},
       .options = {{"insecure-listen", "", "The server is started with it too"}},
       .run = check},
      {.words = "config show",
       .summary = "Shows what is in force, and where each value comes from",
       .details = "A secret, and what a reference like ${env:NAME} gave, is shown as (secret).\n",
       .examples = {"kist config show", "kist config show --output json"},
       .run = show}};
}

}  // namespace kist::cli
