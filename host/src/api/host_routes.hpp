// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/route_call.hpp"

namespace kist::api {

/// Answers the routes that say who and what this is, for those whom the host knows.
void answer_host(RouteCall& call);

}  // namespace kist::api
