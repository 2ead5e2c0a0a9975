// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "api/generation.hpp"
#include "api/routes.hpp"
#include "audit/audit_log.hpp"
#include "http/exchange.hpp"

namespace kist::api {

/// How far a request has come that changes the store.
enum class Write {
  none,
  asked,  ///< The store was asked for it: whatever ends the call but an Error of its own, it may
          ///< have been made.
  made,
};

/// One request, as the code of its route sees it. That code fills the reply or throws.
struct RouteCall {
  http::Exchange& exchange;
  const Generation& generation;
  const Route& route;
  std::string_view parameter;
  const core::Principal& principal;
  core::AuditRecord& record;  ///< For the id and name of the secret.
  Write& write;
};

}  // namespace kist::api
