// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "config/private_file.hpp"

namespace kist::core {

/// The bytes of an open file between two offsets; fewer, if it is shorter. `file` is for messages.
/// Errors: permission_denied; unavailable.
std::string read_range(const PrivateFile& file, int descriptor, std::uint64_t from,
                       std::uint64_t until);

}  // namespace kist::core
