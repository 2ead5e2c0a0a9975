// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <kist/secret_value.hpp>

namespace kist::core {

/// How many characters `size` bytes become.
constexpr std::size_t base64_size(std::size_t size) { return (size + 2) / 3 * 4; }

/// Writes standard base64 with its padding (RFC 4648, section 4), and a NUL behind it.
void write_base64(std::string_view bytes, char* out);

/// Reads what write_base64() writes and nothing else: OpenSSL's decoder passes over blanks, takes
/// what follows a '-' for the end, and counts padding as zero bytes. Nothing: it is something else.
std::optional<detail::SecretBuffer> read_base64(std::string_view text);

}  // namespace kist::core
