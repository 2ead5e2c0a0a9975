// SPDX-License-Identifier: Apache-2.0
#include "api/directory_json.hpp"

#include <string_view>

namespace kist::api {
namespace {

void workspace_json(JsonWriter& out, const Uuid& id, std::string_view name) {
  out.raw("{").member("id").uuid(id).member("name").text(name).member("description").raw("\"\"");
  out.member("created").time(kNoTime).member("updated").time(kNoTime).raw("}");
}

void principal_json(JsonWriter& out, const Uuid& id, std::string_view name) {
  out.raw("{").member("id").uuid(id).member("name").text(name).member("full_name").raw("\"\"");
  out.member("active").raw("true");
  out.member("created").time(kNoTime).member("updated").time(kNoTime).raw("}");
}

template <class Write>
std::string written(Write write, const Uuid& id, std::string_view name) {
  detail::SecretBuffer buffer;
  JsonWriter out(buffer);
  write(out, id, name);
  return {buffer.data(), buffer.size()};
}

}  // namespace

DirectoryJson::DirectoryJson(const core::Directory& directory) {
  for (const core::Workspace& workspace : directory.workspaces())
    workspaces_.emplace(workspace.id, written(workspace_json, workspace.id, workspace.name));
  for (const core::Principal& principal : directory.principals())
    principals_.emplace(principal.id, written(principal_json, principal.id, principal.name));
  const core::Principal& local = directory.local_principal();
  principals_.emplace(local.id, written(principal_json, local.id, local.name));
}

void DirectoryJson::write_workspace(JsonWriter& out, const Uuid& id) const {
  const auto found = workspaces_.find(id);
  if (found != workspaces_.end())
    out.raw(found->second);
  else
    workspace_json(out, id, id.to_string());
}

void DirectoryJson::write_principal(JsonWriter& out, const Uuid& id) const {
  const auto found = principals_.find(id);
  if (found != principals_.end())
    out.raw(found->second);
  else
    principal_json(out, id, id.to_string());
}

}  // namespace kist::api
