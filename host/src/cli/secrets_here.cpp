// SPDX-License-Identifier: Apache-2.0
#include "cli/secrets_here.hpp"

#include "client/server_secrets.hpp"
#include "text/printable.hpp"

namespace kist::cli {

Secret SecretsHere::create(Call& call, const core::NewSecret& wanted) {
  return host_.service().create(call, principal(), wanted);
}

core::ShownSecret SecretsHere::find(Call& call, std::string_view name_or_id,
                                    const core::SecretPlace& place) {
  return host_.service().find(call, principal(), name_or_id, place);
}

core::ShownSecret SecretsHere::get(Call& call, const Uuid& id) {
  return host_.service().get(call, principal(), id);
}

SecretMetadata SecretsHere::find_metadata(Call& call, std::string_view name_or_id,
                                          const core::SecretPlace& place) {
  return host_.service().find_metadata(call, principal(), name_or_id, place);
}

core::Page SecretsHere::list(Call& call, const std::vector<core::ListParameter>& parameters) {
  return host_.service().list(call, principal(), core::parse_list_request(parameters));
}

Secret SecretsHere::update(Call& call, const Uuid& id, const core::SecretChange& change) {
  return host_.service().update(call, principal(), id, change);
}

void SecretsHere::remove(Call& call, const Uuid& id, std::optional<std::uint64_t> if_revision) {
  host_.service().remove(call, principal(), id, if_revision);
}

Uuid SecretsHere::workspace_id(Call&, const std::optional<std::string>& name_or_id) {
  if (!name_or_id) return host_.directory().default_workspace().id;
  const core::Workspace* const workspace = host_.directory().find_workspace(*name_or_id);
  if (workspace == nullptr)
    throw Error(ErrorCode::not_found, "there is no workspace " + core::in_quotes(*name_or_id));
  return workspace->id;
}

std::string SecretsHere::workspace_name(const Uuid& id) const {
  for (const core::Workspace& workspace : host_.directory().workspaces()) {
    if (workspace.id == id) return workspace.name;
  }
  return id.to_string();  // Of a configuration that names it no longer.
}

std::string SecretsHere::principal_name(const Uuid& id) const {
  for (const core::Principal& known : host_.directory().principals()) {
    if (known.id == id) return known.name;
  }
  return id == principal().id ? principal().name : id.to_string();
}

std::unique_ptr<client::SecretsAccess> open_secrets(Session& session) {
  if (session.server) return std::make_unique<client::ServerSecrets>(session.server->clone());
  return std::make_unique<SecretsHere>(session);
}

}  // namespace kist::cli
