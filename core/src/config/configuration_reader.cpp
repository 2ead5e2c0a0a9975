// SPDX-License-Identifier: Apache-2.0
#include "config/configuration_reader.hpp"

#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include <kist/error.hpp>

#include "config/configuration_sections.hpp"

namespace kist::core {
namespace {

constexpr std::string_view kSections[] = {"deployment_id",
                                          "secrets_store",
                                          "backup_secrets_store",
                                          "plugins",
                                          "sealing",
                                          "workspaces",
                                          "principals",
                                          "http",
                                          "audit",
                                          "log"};

/// What is read where there is no file.
JsonDocument empty_document() {
  JsonDocument document;
  document.root.kind = JsonKind::object;
  return document;
}

std::optional<StoreSettings> read_store(const ConfigurationSources& sources, ReadContext& context,
                                        std::string section,
                                        std::span<const std::string_view> arguments) {
  const JsonMember* const member = context.document.root.member(section);
  return read_store_settings({std::move(section), &context,
                              member == nullptr ? nullptr : &member->value, sources.environment,
                              arguments, sources.working_directory});
}

StoreSettings switched_off(std::string section) {
  StoreSettings settings;
  settings.section = std::move(section);
  settings.type = "none";
  return settings;
}

[[noreturn]] void refuse_missing_store(const ConfigurationSources& sources) {
  const std::string file = sources.document == nullptr ? "" : sources.document->file + ": ";
  throw Error(ErrorCode::invalid_argument,
              file +
                  "no secrets store is configured; the smallest kist.json is "
                  R"({"secrets_store": {"type": "sqlite", "path": "/var/lib/kist/secrets.db"}}, )"
                  "and without a file KIST_SECRETS_STORE_TYPE=sqlite with "
                  "KIST_SECRETS_STORE_PATH=/var/lib/kist/secrets.db does the same");
}

}  // namespace

Configuration read_configuration(const ConfigurationSources& sources) {
  const JsonDocument none = empty_document();
  Configuration configuration;
  ReadContext context{sources.document == nullptr ? none : *sources.document,
                      {sources.environment, sources.read_file, sources.file_directory},
                      configuration.settings};
  SectionReader root(context, context.document.root, "", kSections);
  configuration.deployment_id = root.uuid("deployment_id");
  auto store = read_store(sources, context, "secrets_store", sources.store_options);
  if (!store) refuse_missing_store(sources);
  configuration.secrets_store = std::move(*store);
  auto backup = read_store(sources, context, "backup_secrets_store", sources.backup_store_options);
  configuration.backup_secrets_store =
      backup ? std::move(*backup) : switched_off("backup_secrets_store");
  configuration.plugins = read_plugins(context, root);
  configuration.sealing = read_sealing(context, root);
  configuration.workspaces = read_workspaces(context, root);
  configuration.principals = read_principals(context, root, configuration.workspaces);
  configuration.http = read_http(context, root);
  configuration.audit = read_audit(context, root);
  configuration.log = read_log(context, root);
  return configuration;
}

}  // namespace kist::core
