// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/directory_json.hpp"
#include "secrets/secrets_service.hpp"

namespace kist::api {

/// The secret as GET answers it. `values_hidden`: its keys with null.
void write_secret(detail::SecretBuffer& body, const DirectoryJson& directory, const Secret& secret,
                  bool values_hidden);

/// A page of a listing, in which nothing has values.
void write_page(detail::SecretBuffer& body, const DirectoryJson& directory, const core::Page& page);

}  // namespace kist::api
