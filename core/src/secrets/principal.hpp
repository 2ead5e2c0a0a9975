// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <kist/uuid.hpp>

namespace kist::core {

/// What a principal may do in a workspace; each may do what those before it may.
enum class Role {
  lister,  ///< See metadata and keys.
  reader,  ///< See values.
  writer,  ///< Create, change and delete.
  admin,   ///< Operate on the store.
};

constexpr std::string_view to_string(Role role) {
  constexpr std::string_view names[] = {"lister", "reader", "writer", "admin"};
  return names[static_cast<int>(role)];
}
constexpr std::optional<Role> parse_role(std::string_view name) {
  for (const Role role : {Role::lister, Role::reader, Role::writer, Role::admin}) {
    if (to_string(role) == name) return role;
  }
  return std::nullopt;
}

struct Workspace {
  Uuid id;
  std::string name;
};

/// Who asks. No role lets anyone see a `user` secret of somebody else.
struct Principal {
  Uuid id;
  std::string name;
  std::map<Uuid, Role> roles;           ///< By workspace.
  std::optional<Role> role_everywhere;  ///< In every workspace, beside `roles`.

  /// The higher of the two; nothing: for this principal the workspace does not exist.
  std::optional<Role> role_in(const Uuid& workspace) const {
    const auto found = roles.find(workspace);
    if (found == roles.end()) return role_everywhere;
    return std::max(std::optional<Role>(found->second), role_everywhere);
  }
  bool may(Role needed, const Uuid& workspace) const {
    const auto role = role_in(workspace);
    return role && *role >= needed;
  }
};

}  // namespace kist::core
