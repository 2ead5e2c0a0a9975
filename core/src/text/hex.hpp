// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kist::core {

/// Writes two digits for each byte, in lower case.
void write_hex(std::string_view bytes, char* out);

std::string to_hex(std::string_view bytes);

/// Reads `size` bytes of digits of either case. False: `digits` are not twice as many, or not all
/// of them are digits; then `out` may have been written to.
bool read_hex(std::string_view digits, char* out, std::size_t size);

}  // namespace kist::core
