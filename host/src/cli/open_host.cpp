// SPDX-License-Identifier: Apache-2.0
#include "cli/open_host.hpp"

#include <array>
#include <utility>
#include <vector>

#include <openssl/evp.h>

#include "cli/process_setup.hpp"
#include "cli/standard_streams.hpp"
#include "config/open_options.hpp"
#include "log/log.hpp"
#include "sealing/key_checks.hpp"
#include "sealing/sealed_store.hpp"
#include "sealing/unsealed_store.hpp"
#include "secrets/uuid.hpp"
#include "text/hex.hpp"

namespace kist::cli {
namespace {

core::HostTable::Log log_to_standard_error(const Session& session) {
  return [&session](std::int32_t level, std::string_view message) {
    if (level >= KIST_LOG_WARNING)
      session.warn(message);
    else if (session.log != nullptr)
      session.log->write(level >= KIST_LOG_INFO ? log::Level::info : log::Level::debug, "plugin",
                         std::array{log::Field{"says", message}});
    else if (session.verbose)
      write_notice(message);
  };
}

void log_call(log::Log& log, const core::TracedCall& call) {
  const std::string outcome = core::outcome_of(call), id = call.id ? call.id->to_string() : "";
  std::vector<log::Field> fields = {{"store", call.store},
                                    {"function", call.function},
                                    {"outcome", outcome},
                                    {"us", call.took / std::chrono::microseconds(1)}};
  if (call.id) fields.push_back({"id", id});
  if (call.given) {
    fields.push_back({"values_taken", call.given->values});
    fields.push_back({"bytes_taken", call.given->bytes});
  }
  if (call.secret) {
    fields.push_back({"values_given", call.secret->values});
    fields.push_back({"bytes_given", call.secret->bytes});
  }
  if (call.rows) fields.push_back({"rows", *call.rows});
  log.write(log::Level::info, "store call", fields);
}

/// A line for each call into a store that is traced. A server's log has fields, people a sentence.
core::CallTrace trace_of(const Session& session) {
  return [&session](const core::TracedCall& call) {
    if (session.log == nullptr) return session.notice(core::describe(call));
    log_call(*session.log, call);
  };
}

/// A store that keeps secrets needs the same deployment tomorrow, or they are not found again; one
/// that forgets them needs it until the process ends.
core::Deployment deployment_of(const LoadedConfiguration& loaded, const SelectedStore& selected,
                               const OpenHost* previous) {
  const auto& configured_id = loaded.configuration.deployment_id;
  const auto directory = deployment_directory_of(loaded, selected);
  if (directory) return core::open_deployment(*directory, configured_id);
  if (previous != nullptr && (!configured_id || *configured_id == previous->deployment().id))
    return previous->deployment();
  if (selected.manifest().has("persistent") && !configured_id)
    throw Error(ErrorCode::failed_precondition,
                "store type '" + selected.manifest().type +
                    "' keeps secrets, and there is no place to remember the deployment's id; give "
                    "deployment_id in kist.json");
  return core::new_deployment(configured_id);
}

/// The options are in it as a hash alone, since some are secret.
std::string fingerprint_of(const SelectedStore& selected, const Uuid& deployment_id) {
  detail::SecretBuffer text;
  const auto add = [&](std::string_view part) {
    text.append(std::to_string(part.size()) + ":");
    text.append(part);
  };
  add(selected.selection.plugin.file.sha256());
  add(selected.selection.store_type);
  add(deployment_id.to_hex());
  for (const core::CheckedOption& option : selected.options.options) {
    add(option.name);
    add(option.text.reveal());
  }
  add(selected.options.trace_calls ? "traced" : "untraced");
  std::string digest(32, '\0');
  std::size_t size = 0;
  if (::EVP_Q_digest(nullptr, "SHA256", nullptr, text.data(), text.size(),
                     reinterpret_cast<unsigned char*>(digest.data()), &size) != 1)
    throw Error(ErrorCode::internal, "OpenSSL could not compute the hash of a store's options");
  return core::to_hex(digest);
}

core::Limits limits_of(const OpenPlugin* plugin, const OpenHost::SealingParts* sealing) {
  const core::Limits limits;
  if (plugin == nullptr || !plugin->store->manifest().max_secret_bytes) return limits;
  const std::size_t store_limit = *plugin->store->manifest().max_secret_bytes;
  if (sealing == nullptr) return limits.lowered_to(store_limit);
  return limits.sealed_within(store_limit,
                              core::envelope_overhead(sealing->keyring.current().id.size()));
}

void say_what_is_taken(const LoadedConfiguration& loaded, const SelectedStore& selected) {
  const core::CheckedPlugin& plugin = selected.selection.plugin;
  write_notice("configuration: " + loaded.describe_file());
  write_notice("plugin: " + plugin.manifest.id + " " + plugin.manifest.version + ", " +
               plugin.file.path().native());
  write_notice("memory for secrets: " + describe_secret_memory());
}

/// The keyring of a store, its keys compared with what the deployment remembers of them. Says on
/// standard error what was made, and what is wrong with keys that are not the current one.
core::Keyring keyring_of(const Session& session, const LoadedConfiguration& loaded,
                         const core::StoreTypeManifest& manifest,
                         const std::optional<core::DeploymentDirectory>& directory,
                         const core::Deployment& deployment) {
  core::OpenedKeyring opened =
      core::open_keyring(loaded.configuration.sealing, session.environment,
                         core::keyring_use(manifest, directory, deployment));
  if (opened.made && !session.temporary) session.notice(core::describe_made_keyring(*opened.made));
  opened.keyring.require_current();
  for (const core::KeyringKey& key : opened.keyring.keys()) {
    if (key.kek == nullptr)
      session.warn("key '" + key.id + "' of the keyring cannot be had: " + key.problem);
  }
  for (const std::string& warning : core::check_keys(opened.keyring, deployment, directory))
    session.warn(warning);
  return std::move(opened.keyring);
}

}  // namespace

OpenHost::OpenHost(Session& session, const OpenHost* previous)
    : loaded_(load_configuration(session)),
      table_(previous != nullptr
                 ? previous->table_
                 : std::make_shared<const core::HostTable>(log_to_standard_error(session))),
      store_(open_store(session, previous)),
      directory_(directory_of(loaded_.configuration, deployment_.id)),
      limits_(limits_of(plugin_.get(), sealing_.get())),
      service_(*store_, directory_, limits_, core::system_clock_now, core::new_uuid,
               deployment_.cursor_key) {}

std::unique_ptr<SecretsStoreInterface> OpenHost::open_store(Session& session,
                                                            const OpenHost* previous) {
  const core::StoreSettings& settings = loaded_.configuration.secrets_store;
  if (!loaded_.configuration.backup_secrets_store.is_off())
    session.warn("backup_secrets_store is configured, and this version does not use it yet");
  if (settings.is_off()) {
    deployment_ = core::new_deployment(loaded_.configuration.deployment_id);
    return std::make_unique<core::NoSecretsStore>();
  }
  SelectedStore selected = select_store(loaded_, settings);
  for (const std::string& warning : selected.warnings) session.warn(warning);
  if (session.verbose) say_what_is_taken(loaded_, selected);
  deployment_ = deployment_of(loaded_, selected, previous);
  const auto directory = deployment_directory_of(loaded_, selected);
  const core::StoreTypeManifest manifest = selected.manifest();
  const bool seals = is_sealed(loaded_, selected);
  const auto take_keys = [&] {
    sealing_ = std::make_unique<SealingParts>(
        keyring_of(session, loaded_, manifest, directory, deployment_), deployment_.id);
  };
  // Keys that are configured come first, for their variables are forgotten while there is one
  // thread. A keyring that is made comes last: not for a store that turns out to be of another
  // deployment.
  const bool keys_first = loaded_.configuration.sealing.names_keys();
  if (seals && keys_first) take_keys();
  try {
    plugin_ = open_plugin(session, std::move(selected), previous);
  } catch (const Error&) {
    if (deployment_.made && directory) core::forget_deployment(directory->path, deployment_);
    throw;
  }
  if (!seals) return std::make_unique<core::UnsealedStore>(*plugin_->store);
  if (!keys_first) take_keys();
  return std::make_unique<core::SealedStore>(*plugin_->store, sealing_->sealer);
}

std::shared_ptr<const OpenPlugin> OpenHost::open_plugin(Session& session, SelectedStore selected,
                                                        const OpenHost* previous) {
  std::string fingerprint = fingerprint_of(selected, deployment_.id);
  const OpenPlugin* const old = previous == nullptr ? nullptr : previous->plugin();
  if (old != nullptr && old->fingerprint == fingerprint) return previous->plugin_;
  core::PluginStore::Settings settings{deployment_.id, core::open_options(selected.options)};
  if (selected.options.trace_calls) settings.trace = trace_of(session);
  session.interrupts.check();
  const bool same_code =
      old != nullptr && old->store->image().sha256() == selected.selection.plugin.file.sha256();
  auto image = same_code ? old->store->shared_image()
                         : core::PluginImage::load(std::move(selected.selection.plugin), *table_);
  InterruptibleCall call(session.interrupts, session.timeout);
  auto store = core::PluginStore::open(std::move(image), selected.selection.store_type, *table_,
                                       *call, settings);
  return std::make_shared<const OpenPlugin>(
      OpenPlugin{std::move(selected.options), std::move(store), std::move(fingerprint)});
}

bool is_sealed(const LoadedConfiguration& loaded, const SelectedStore& selected) {
  return loaded.configuration.sealing.enabled.value_or(
      !selected.manifest().has("encrypts_at_rest"));
}

std::optional<core::DeploymentDirectory> deployment_directory_of(const LoadedConfiguration& loaded,
                                                                 const SelectedStore& selected) {
  const std::filesystem::path beside =
      loaded.file ? loaded.file->directory : std::filesystem::path();
  return core::deployment_directory(selected.manifest(), selected.options, beside);
}

core::Directory directory_of(const core::Configuration& configuration, const Uuid& deployment_id) {
  std::vector<core::WorkspaceEntry> workspaces;
  for (const core::WorkspaceSettings& workspace : configuration.workspaces)
    workspaces.push_back({workspace.name, workspace.id});
  std::vector<core::PrincipalEntry> principals;
  for (const core::PrincipalSettings& principal : configuration.principals) {
    core::PrincipalEntry entry{principal.name, principal.id, {}};
    for (const auto& [workspace, name] : principal.roles) {
      // The configuration has let no other word through.
      if (const auto role = core::parse_role(name)) entry.roles.emplace(workspace, *role);
    }
    principals.push_back(std::move(entry));
  }
  return {deployment_id, workspaces, principals};
}

}  // namespace kist::cli
