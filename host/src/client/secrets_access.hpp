// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <kist/secrets_store_interface.hpp>

#include "secrets/list_request.hpp"
#include "secrets/secrets_service.hpp"

namespace kist::client {

/// The secrets that a command works with: those of a store that is opened here, or of a server. The
/// rules and the errors are those of core::SecretsService either way. One thread.
class SecretsAccess {
 public:
  virtual ~SecretsAccess() = default;

  virtual Secret create(Call& call, const core::NewSecret& wanted) = 0;
  virtual core::ShownSecret find(Call& call, std::string_view name_or_id,
                                 const core::SecretPlace& place) = 0;
  virtual core::ShownSecret get(Call& call, const Uuid& id) = 0;
  virtual SecretMetadata find_metadata(Call& call, std::string_view name_or_id,
                                       const core::SecretPlace& place) = 0;
  /// `parameters` have passed core::parse_list_request().
  virtual core::Page list(Call& call, const std::vector<core::ListParameter>& parameters) = 0;
  virtual Secret update(Call& call, const Uuid& id, const core::SecretChange& change) = 0;
  virtual void remove(Call& call, const Uuid& id, std::optional<std::uint64_t> if_revision) = 0;

  /// Nothing: the default workspace. Errors: not_found.
  virtual Uuid workspace_id(Call& call, const std::optional<std::string>& name_or_id) = 0;
  /// Of a workspace or an owner of a secret that was had from here; of any other, the id.
  virtual std::string workspace_name(const Uuid& id) const = 0;
  virtual std::string principal_name(const Uuid& id) const = 0;
};

}  // namespace kist::client
