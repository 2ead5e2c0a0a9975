// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <kist/error.hpp>
#include <kist/uuid.hpp>

#include "secrets/principal.hpp"

namespace kist::core {

/// A workspace as an operator names it. Without an id it gets the named_uuid() of its name.
struct WorkspaceEntry {
  std::string name;
  std::optional<Uuid> id;
};

struct PrincipalEntry {
  std::string name;
  std::optional<Uuid> id;
  std::map<std::string, Role> roles;  ///< By workspace name; "*" is every workspace.
};

/// Who and where: the workspaces and principals of a deployment. Where none are configured, there
/// is one named `default`. Does not change after construction; any thread.
class Directory {
 public:
  /// Errors: invalid_argument: a name or id given twice, a role in an unknown workspace.
  Directory(const Uuid& deployment_id, const std::vector<WorkspaceEntry>& workspaces,
            const std::vector<PrincipalEntry>& principals);

  const std::vector<Workspace>& workspaces() const noexcept { return workspaces_; }
  const std::vector<Principal>& principals() const noexcept { return principals_; }

  /// Null: there is none. A whole UUID is taken for an id first, then for a name.
  const Workspace* find_workspace(std::string_view name_or_id) const;
  const Principal* find_principal(std::string_view name_or_id) const;

  /// Where secrets go when nothing else is said: the workspace named `default`, or else the first.
  const Workspace& default_workspace() const noexcept;

  /// Who works on the store without a server in between: admin everywhere. It is the same person as
  /// the principal named `default`, whether or not one is configured.
  const Principal& local_principal() const noexcept { return local_; }

 private:
  std::vector<Workspace> workspaces_;  // At least one.
  std::vector<Principal> principals_;  // At least one.
  Principal local_;
};

}  // namespace kist::core
