// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "cli/open_host.hpp"
#include "cli/session.hpp"
#include "client/secrets_access.hpp"

namespace kist::cli {

/// The secrets of the store that is configured here, as the local principal.
class SecretsHere final : public client::SecretsAccess {
 public:
  /// Errors: those of OpenHost.
  explicit SecretsHere(Session& session) : host_(session) {}

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
  const core::Principal& principal() const { return host_.directory().local_principal(); }

  OpenHost host_;
};

/// Those of the server that the session names, or those here.
std::unique_ptr<client::SecretsAccess> open_secrets(Session& session);

}  // namespace kist::cli
