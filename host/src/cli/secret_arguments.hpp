// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <kist/models.hpp>

#include "cli/command.hpp"
#include "secrets/directory.hpp"
#include "secrets/list_request.hpp"

namespace kist::cli {

/// Nothing: --scope is not given. Errors: UsageError: it is neither 'workspace' nor 'user'.
std::optional<Scope> scope_argument(const Arguments& arguments);

/// Errors: UsageError: --if-revision is no whole number from 1.
std::optional<std::uint64_t> revision_argument(const Arguments& arguments);

/// Errors: UsageError: --id is no UUID.
std::optional<Uuid> id_argument(const Arguments& arguments);

/// The filters, order and page of `kist secret list`. A workspace may be named.
/// Errors: InvalidParameter; not_found: there is no such workspace.
core::ListRequest list_request(const Arguments& arguments, const core::Directory& directory);

}  // namespace kist::cli
