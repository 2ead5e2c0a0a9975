// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include <kist/secret_value.hpp>

namespace kist::client {

/// The whole of a file. Errors: not_found, permission_denied, unavailable; invalid_argument: it is
/// a directory, or holds more than `bytes_max`.
SecretValue read_file(const std::string& path, std::size_t bytes_max);

}  // namespace kist::client
