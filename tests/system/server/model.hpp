// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kist::testing {

enum class ModelRole { none, lister, reader, writer, admin };

struct ModelPrincipal {
  std::string name;
  std::map<std::string, ModelRole> roles;  ///< By workspace.

  ModelRole role_in(const std::string& workspace) const {
    const auto found = roles.find(workspace);
    return found == roles.end() ? ModelRole::none : found->second;
  }
};

struct ModelSecret {
  std::string id, name, workspace, owner;
  bool is_private = false;  ///< In the scope `user`.
  std::int64_t revision = 1;
  std::map<std::string, std::string> values;
};

/// What a change says; nothing: it leaves that alone.
struct ModelChange {
  std::optional<std::string> name;
  std::optional<bool> is_private;
  std::map<std::string, std::optional<std::string>> values;  ///< Nothing removes.
  bool has_values = false, replaces = false;
  std::optional<std::int64_t> if_revision;
};

/// The server's rules in the plainest words: each answer is a status, worked out from all secrets.
class Model {
 public:
  bool is_visible(const ModelPrincipal& who, const ModelSecret& secret) const {
    return who.role_in(secret.workspace) != ModelRole::none &&
           (!secret.is_private || secret.owner == who.name);
  }

  /// 200: the secret is made, once the id is known.
  int create(const ModelPrincipal& who, const ModelSecret& wanted) const;
  void add(const ModelSecret& made) { secrets_[made.id] = made; }
  /// 200: and nothing else, the secret may be seen.
  int get(const ModelPrincipal& who, const std::string& id) const;
  int update(const ModelPrincipal& who, const std::string& id, const ModelChange& change);
  int remove(const ModelPrincipal& who, const std::string& id,
             const std::optional<std::int64_t>& if_revision);

  const std::map<std::string, ModelSecret>& secrets() const { return secrets_; }

 private:
  bool is_taken(const ModelSecret& secret) const;

  std::map<std::string, ModelSecret> secrets_;
};

}  // namespace kist::testing
