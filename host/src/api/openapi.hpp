// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace kist::api {

/// The OpenAPI 3.1 description of exactly this interface, made from the table of routes and that of
/// schemas.
std::string openapi_document();

}  // namespace kist::api
