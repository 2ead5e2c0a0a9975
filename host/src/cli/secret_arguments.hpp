// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <kist/models.hpp>

#include "cli/command.hpp"
#include "secrets/list_request.hpp"

namespace kist::cli {

/// Nothing: --scope is not given. Errors: UsageError: it is neither 'workspace' nor 'user'.
std::optional<Scope> scope_argument(const Arguments& arguments);

/// Errors: UsageError: --if-revision is no whole number from 1.
std::optional<std::uint64_t> revision_argument(const Arguments& arguments);

/// Errors: UsageError: --id is no UUID.
std::optional<Uuid> id_argument(const Arguments& arguments);

/// The filters, order and page of `kist secret list`, all but the workspace, as HTTP names them.
/// Errors: InvalidParameter.
std::vector<core::ListParameter> list_parameters(const Arguments& arguments);

}  // namespace kist::cli
