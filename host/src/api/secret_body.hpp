// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <kist/models.hpp>

#include "config/http_limits.hpp"

namespace kist::api {

/// What the body of a create or an update says. A member that is null is absent; members of other
/// names are passed over, since clients of other versions send them.
struct SecretBody {
  std::optional<std::string> name;
  std::optional<Scope> scope;
  std::optional<SecretPatch> values;
  std::optional<std::string> workspace;  ///< Name or id.
  std::optional<std::string> user;       ///< Name or id.
  std::optional<Uuid> id;
};

/// Reads it straight into wiped memory. A value is a text, null, or {"base64": "…"} for bytes that
/// are no UTF-8. No message quotes the body; keys are named.
/// Errors: InvalidParameter: it is no JSON object, a member has the wrong type or stands twice;
/// invalid_argument: nested deeper than json_depth, more than json_nodes values and keys;
/// LimitExceeded: more keys than any secret can have.
SecretBody parse_secret_body(std::string_view json, const core::HttpLimits& limits);

}  // namespace kist::api
