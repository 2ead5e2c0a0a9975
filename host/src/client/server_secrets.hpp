// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/secret_json.hpp"
#include "client/secrets_access.hpp"
#include "client/server.hpp"

namespace kist::client {

/// The secrets of a server. Every operation may also fail with ServerError, and with what
/// HttpClient::exchange() fails with.
class ServerSecrets final : public SecretsAccess {
 public:
  explicit ServerSecrets(ServerSettings settings);

  /// Proposes an id if `wanted` has none, so that the request can be repeated. Errors:
  /// indeterminate: the message names that id.
  Secret create(Call& call, const core::NewSecret& wanted) override;
  core::ShownSecret find(Call& call, std::string_view name_or_id,
                         const core::SecretPlace& place) override;
  core::ShownSecret get(Call& call, const Uuid& id) override;
  SecretMetadata find_metadata(Call& call, std::string_view name_or_id,
                               const core::SecretPlace& place) override;
  core::Page list(Call& call, const std::vector<core::ListParameter>& parameters) override;
  Secret update(Call& call, const Uuid& id, const core::SecretChange& change) override;
  void remove(Call& call, const Uuid& id, std::optional<std::uint64_t> if_revision) override;
  Uuid workspace_id(Call& call, const std::optional<std::string>& name_or_id) override;
  std::string workspace_name(const Uuid& id) const override;
  std::string principal_name(const Uuid& id) const override;

 private:
  std::optional<SecretMetadata> find_by_id(Call& call, const Uuid& id,
                                           const core::SecretPlace& place);
  SecretMetadata find_by_name(Call& call, std::string_view name, const core::SecretPlace& place);
  boost::json::value default_workspace(Call& call);

  Server server_;
  std::map<Uuid, std::string> workspaces_, principals_;
  Names names_;
};

}  // namespace kist::client
