// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace kist::core {

/// Fills `memory` from OpenSSL's generator for private keys. Errors: internal.
void fill_with_random_bytes(char* memory, std::size_t size);

}  // namespace kist::core
