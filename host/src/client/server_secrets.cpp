// SPDX-License-Identifier: Apache-2.0
#include "client/server_secrets.hpp"

#include <utility>

#include "client/server_error.hpp"
#include "memory/secret_storage.hpp"
#include "secrets/uuid.hpp"
#include "text/printable.hpp"

namespace kist::client {
namespace {

std::string path_of(std::string_view collection) {
  return std::string(kApiPath) + "/" + std::string(collection);
}

std::string path_of(const Uuid& id) { return path_of("secrets/") + id.to_string(); }

std::string name_in(const std::map<Uuid, std::string>& names, const Uuid& id) {
  const auto found = names.find(id);
  return found == names.end() ? id.to_string() : found->second;
}

}  // namespace

ServerSecrets::ServerSecrets(ServerSettings settings) : server_(std::move(settings)) {
  names_.workspace = [this](const Uuid& id, const std::string& name) { workspaces_[id] = name; };
  names_.principal = [this](const Uuid& id, const std::string& name) { principals_[id] = name; };
}

Secret ServerSecrets::create(Call& call, const core::NewSecret& wanted) {
  const Uuid id = wanted.id.value_or(core::new_uuid());
  HttpRequest request{.method = "POST", .target = path_of("secrets"), .repeatable = true};
  request.body = create_body(wanted, id);
  request.writes = true;
  try {
    return std::move(
        read_secret(server_.ask(call, request, core::secret_storage()), names_).secret);
  } catch (const Error& error) {
    if (error.code != ErrorCode::indeterminate) throw;
    const std::string message = std::string(error.message()) + "; look for id " + id.to_string() +
                                ", or repeat the command with --id " + id.to_string();
    const auto* const of_server = dynamic_cast<const ServerError*>(&error);
    throw ServerError(error.code, message, of_server == nullptr ? "" : of_server->request_id);
  }
}

core::ShownSecret ServerSecrets::get(Call& call, const Uuid& id) {
  return read_secret(server_.get(call, path_of(id), core::secret_storage()), names_);
}

core::ShownSecret ServerSecrets::find(Call& call, std::string_view name_or_id,
                                      const core::SecretPlace& place) {
  return get(call, find_metadata(call, name_or_id, place).id);
}

SecretMetadata ServerSecrets::find_metadata(Call& call, std::string_view name_or_id,
                                            const core::SecretPlace& place) {
  if (const auto id = Uuid::parse(name_or_id)) {
    if (auto found = find_by_id(call, *id, place)) return std::move(*found);
  }
  return find_by_name(call, name_or_id, place);
}

std::optional<SecretMetadata> ServerSecrets::find_by_id(Call& call, const Uuid& id,
                                                        const core::SecretPlace& place) {
  std::vector<core::ListParameter> parameters = {{"id", "equals:" + id.to_string()}};
  if (place.workspace)
    parameters.push_back({"workspace_id", workspace_id(call, place.workspace).to_string()});
  if (place.scope) parameters.push_back({"scope", std::string(to_string(*place.scope))});
  core::Page page = list(call, parameters);
  if (page.items.empty()) return std::nullopt;
  return std::move(page.items.front());
}

SecretMetadata ServerSecrets::find_by_name(Call& call, std::string_view name,
                                           const core::SecretPlace& place) {
  const Uuid where = workspace_id(call, place.workspace);
  const std::string in_workspace = " in workspace " + core::in_quotes(workspace_name(where));
  const Error absent(ErrorCode::not_found, "there is no secret with the name or id " +
                                               core::in_quotes(name) + in_workspace);
  if (!core::is_utf8(name) || name.find('\0') != std::string_view::npos) throw absent;
  std::vector<core::ListParameter> parameters = {
      {"name", "equals:" + std::string(name)}, {"workspace_id", where.to_string()}, {"size", "2"}};
  if (place.scope) parameters.push_back({"scope", std::string(to_string(*place.scope))});
  core::Page page = list(call, parameters);
  if (page.items.empty()) throw absent;
  if (page.items.size() > 1)
    throw Error(ErrorCode::invalid_argument,
                "two secrets are named " + core::in_quotes(name) + in_workspace +
                    ", one in the workspace scope and one in the user scope; say which scope");
  return std::move(page.items.front());
}

core::Page ServerSecrets::list(Call& call, const std::vector<core::ListParameter>& parameters) {
  std::string target = path_of("secrets");
  char separator = '?';
  for (const core::ListParameter& parameter : parameters) {
    target += separator + url_encoded(parameter.name) + "=" + url_encoded(parameter.value);
    separator = '&';
  }
  return read_page(server_.get(call, std::move(target)), names_);
}

Secret ServerSecrets::update(Call& call, const Uuid& id, const core::SecretChange& change) {
  HttpRequest request{.method = "PUT", .target = path_of(id)};
  request.target += change.replace_values ? "?patch_values=false" : "?patch_values=true";
  request.body = update_body(change);
  request.if_match = change.if_revision;
  request.writes = true;
  return std::move(read_secret(server_.ask(call, request, core::secret_storage()), names_).secret);
}

void ServerSecrets::remove(Call& call, const Uuid& id, std::optional<std::uint64_t> if_revision) {
  HttpRequest request{.method = "DELETE", .target = path_of(id)};
  request.if_match = if_revision;
  request.writes = true;
  server_.ask(call, request);
}

Uuid ServerSecrets::workspace_id(Call& call, const std::optional<std::string>& name_or_id) {
  const boost::json::value found =
      name_or_id ? server_.get(call, path_of("workspaces/") + url_encoded(*name_or_id))
                 : default_workspace(call);
  const Uuid id = read_id(found);
  names_.workspace(id, read_text(found, "name"));
  return id;
}

/// The one named `default`, or else the first: as core::Directory has it.
boost::json::value ServerSecrets::default_workspace(Call& call) {
  try {
    return server_.get(call, path_of("workspaces/default"));
  } catch (const ServerError& error) {
    if (error.code != ErrorCode::not_found) throw;
  }
  const boost::json::value all = server_.get(call, path_of("workspaces"));
  const boost::json::value* const items =
      all.is_object() ? all.get_object().if_contains("items") : &all;
  if (items == nullptr || !items->is_array() || items->get_array().empty())
    throw Error(ErrorCode::not_found, "there is no workspace that is yours to see");
  return items->get_array().front();
}

std::string ServerSecrets::workspace_name(const Uuid& id) const { return name_in(workspaces_, id); }
std::string ServerSecrets::principal_name(const Uuid& id) const { return name_in(principals_, id); }

}  // namespace kist::client
