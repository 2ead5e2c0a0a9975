// SPDX-License-Identifier: Apache-2.0
#include "cli/store_commands.hpp"

#include <optional>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "cli/json_output.hpp"
#include "cli/open_host.hpp"
#include "cli/server_view.hpp"
#include "cli/standard_streams.hpp"
#include "cli/table.hpp"
#include "config/section_reader.hpp"
#include "secrets/error_table.hpp"

namespace kist::cli {

std::optional<Error> health_of(Session& session, OpenHost& host) {
  try {
    InterruptibleCall call(session.interrupts, session.timeout);
    host.store().check_health(*call);
    return std::nullopt;
  } catch (const Error& error) {
    return error;
  }
}

namespace {

std::string shown(const core::CheckedOption& option) {
  const bool hidden = option.secret || option.origin.interpolated();
  return std::string(hidden ? core::kSecretShown : option.text.reveal());
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string sealing_text(const OpenHost& host) {
  if (host.sealing() == nullptr) return "off";
  const core::KeyringKey& key = host.sealing()->keyring.current();
  return "on, with key " + key.id + " (" + key.source + ")";
}

boost::json::value sealing_document(const OpenHost& host) {
  if (host.sealing() == nullptr) return {{"enabled", false}};
  const core::KeyringKey& key = host.sealing()->keyring.current();
  return {{"enabled", true}, {"key", key.id}, {"source", json_text(key.source)}};
}

std::string health_text(const std::optional<Error>& health) {
  if (!health) return "ok";
  return std::string(to_string(health->code)) + ": " + std::string(health->message());
}

void write_table(const OpenHost& host, const OpenPlugin& plugin,
                 const std::optional<Error>& health) {
  const core::PluginStore& store = *plugin.store;
  Table table;
  table.row({"TYPE", store.manifest().type});
  table.row({"PLUGIN", store.image().manifest().id + " " + store.image().manifest().version});
  table.row({"FILE", store.image().path().native()});
  table.row({"THREADING", store.manifest().threading});
  table.row({"CAPABILITIES", joined(store.manifest().capabilities)});
  table.row({"LIMITS", std::to_string(host.limits().max_keys) + " keys, " +
                           std::to_string(host.limits().max_secret_bytes) + " bytes a secret"});
  table.row({"SEALING", sealing_text(host)});
  table.row({"DEPLOYMENT", host.deployment().id.to_string()});
  table.row({"HEALTH", health_text(health)});
  Table options({"OPTION", "VALUE", "FROM"});
  for (const core::CheckedOption& option : plugin.options.options)
    options.row({option.name, shown(option), option.origin.describe()});
  write_output(table.text() + (plugin.options.options.empty() ? "" : "\n" + options.text()));
}

boost::json::object document_of(const OpenHost& host, const OpenPlugin& plugin) {
  const core::PluginStore& store = *plugin.store;
  boost::json::array capabilities, options;
  for (const std::string& capability : store.manifest().capabilities)
    capabilities.emplace_back(capability);
  for (const core::CheckedOption& option : plugin.options.options) {
    options.push_back({{"name", option.name},
                       {"value", json_text(shown(option))},
                       {"from", json_text(option.origin.describe())}});
  }
  return {{"type", store.manifest().type},
          {"plugin",
           {{"id", store.image().manifest().id},
            {"version", store.image().manifest().version},
            {"path", json_text(store.image().path().native())},
            {"sha256", store.image().sha256()}}},
          {"threading", store.manifest().threading},
          {"capabilities", std::move(capabilities)},
          {"limits",
           {{"max_keys", host.limits().max_keys},
            {"max_secret_bytes", host.limits().max_secret_bytes}}},
          {"options", std::move(options)},
          {"sealing", sealing_document(host)},
          {"deployment_id", host.deployment().id.to_string()}};
}

int info(Session& session, const Arguments&) {
  if (session.server) return show_of_server(session, "/store");
  OpenHost host(session);
  if (!host.plugin()) {
    if (session.json())
      write_json(describe_store(host));
    else
      write_output("Secrets are switched off: the configuration says \"type\": \"none\".\n");
    return 0;
  }
  const std::optional<Error> health = health_of(session, host);
  if (session.json()) {
    boost::json::object document = document_of(host, *host.plugin());
    document["health"] = json_text(health_text(health));
    write_json(document);
  } else {
    write_table(host, *host.plugin(), health);
  }
  return health ? core::error_row(health->code).exit_code : 0;
}

}  // namespace

boost::json::value describe_store(const OpenHost& host) {
  if (host.plugin() == nullptr) return {{"type", "none"}};
  return document_of(host, *host.plugin());
}

std::vector<Command> store_commands() {
  return {{.words = "store info",
           .summary = "Opens the store, and shows what it is, can do, and how it is",
           .details = "The exit code is that of the store's health.\n",
           .examples = {"kist store info", "kist store info --output json"},
           .server = true,
           .run = info}};
}

}  // namespace kist::cli
