// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "api/generation.hpp"
#include "api/routes.hpp"
#include "audit/audit_log.hpp"
#include "http/exchange.hpp"

namespace kist::api {

/// One request, as the code of its route sees it. That code fills the reply or throws.
struct RouteCall {
  http::Exchange& exchange;
  const Generation& generation;
  const Route& route;
  std::string_view parameter;
  const core::Principal& principal;
  core::AuditRecord& record;  ///< For the id and name of the secret.
  bool& has_written;          ///< To be set once the store has changed.
};

}  // namespace kist::api
