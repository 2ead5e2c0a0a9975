// SPDX-License-Identifier: Apache-2.0
#include "secrets/directory.hpp"

#include "secrets/uuid.hpp"
#include "secrets/validation.hpp"
#include "text/printable.hpp"

namespace kist::core {
namespace {

constexpr std::string_view kDefaultName = "default";
constexpr std::string_view kEveryWorkspace = "*";

template <class Item>
const Item* find_by_name(const std::vector<Item>& items, std::string_view name) {
  for (const Item& item : items) {
    if (item.name == name) return &item;
  }
  return nullptr;
}

template <class Item>
const Item* find_by_id(const std::vector<Item>& items, const Uuid& id) {
  for (const Item& item : items) {
    if (item.id == id) return &item;
  }
  return nullptr;
}

template <class Item>
const Item* find(const std::vector<Item>& items, std::string_view name_or_id) {
  if (const auto id = Uuid::parse(name_or_id)) {
    if (const Item* const item = find_by_id(items, *id)) return item;
  }
  return find_by_name(items, name_or_id);
}

/// `kind` is "workspace" or "principal".
template <class Item>
void add(std::vector<Item>& items, std::string_view kind, Item item) {
  const std::string thing = std::string(kind) + " " + in_quotes(item.name);
  if (find_by_name(items, item.name) != nullptr)
    throw Error(ErrorCode::invalid_argument, thing + " is configured twice");
  if (const Item* const other = find_by_id(items, item.id))
    throw Error(ErrorCode::invalid_argument,
                thing + " has the id of " + std::string(kind) + " " + in_quotes(other->name));
  items.push_back(std::move(item));
}

}  // namespace

Directory::Directory(const Uuid& deployment_id, const std::vector<WorkspaceEntry>& workspaces,
                     const std::vector<PrincipalEntry>& principals) {
  const auto id_of = [&](std::string_view kind, const auto& entry) {
    return entry.id ? *entry.id : named_uuid(deployment_id, kind, entry.name);
  };
  for (const WorkspaceEntry& entry : workspaces) {
    const ValidatedName name(entry.name);
    if (name.text() == kEveryWorkspace)
      throw Error(ErrorCode::invalid_argument,
                  "a workspace is named '*', which stands for all of them in roles");
    add(workspaces_, "workspace", Workspace{id_of("workspace", entry), name.text()});
  }
  if (workspaces_.empty())
    workspaces_.push_back(
        {named_uuid(deployment_id, "workspace", kDefaultName), std::string(kDefaultName)});

  for (const PrincipalEntry& entry : principals) {
    const ValidatedName name(entry.name);
    Principal principal{id_of("principal", entry), name.text(), {}, {}};
    for (const auto& [workspace_name, role] : entry.roles) {
      if (workspace_name == kEveryWorkspace) {
        principal.role_everywhere = role;
        continue;
      }
      const Workspace* const workspace = find_by_name(workspaces_, workspace_name);
      if (workspace == nullptr)
        throw Error(ErrorCode::invalid_argument,
                    "principal " + in_quotes(entry.name) + " has a role in workspace " +
                        in_quotes(workspace_name) + ", which is not configured");
      principal.roles.emplace(workspace->id, role);
    }
    add(principals_, "principal", std::move(principal));
  }

  const Principal* const named_default = find_by_name(principals_, kDefaultName);
  local_.id = named_default != nullptr ? named_default->id
                                       : named_uuid(deployment_id, "principal", kDefaultName);
  local_.name = kDefaultName;
  local_.role_everywhere = Role::admin;
  if (principals_.empty()) principals_.push_back(local_);
}

const Workspace* Directory::find_workspace(std::string_view name_or_id) const {
  return find(workspaces_, name_or_id);
}

const Principal* Directory::find_principal(std::string_view name_or_id) const {
  return find(principals_, name_or_id);
}

const Workspace& Directory::default_workspace() const noexcept {
  const Workspace* const named_default = find_by_name(workspaces_, kDefaultName);
  return named_default != nullptr ? *named_default : workspaces_.front();
}

}  // namespace kist::core
