// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/route_call.hpp"

namespace kist::api {

/// Answers the routes of secrets. Errors: those of SecretsService, and of what a request is read
/// with.
void answer_secret(RouteCall& call);

}  // namespace kist::api
