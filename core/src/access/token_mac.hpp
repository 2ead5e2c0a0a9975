// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace kist::core {

inline constexpr std::size_t kTokenMacBytes = 32;
using TokenMac = std::array<std::uint8_t, kTokenMacBytes>;

/// HMAC-SHA-256. Any thread; each keeps a context of its own. Errors: internal.
TokenMac token_mac(std::span<const std::uint8_t> key, std::string_view message);

/// Looks at all bytes, whether or not an earlier one differs.
bool same_mac(const TokenMac& a, const TokenMac& b) noexcept;

/// What this thread has done so far: how a test sees that all refusals cost the same (AT-08).
struct TokenMacWork {
  std::uint64_t macs = 0, bytes = 0, comparisons = 0;

  bool operator==(const TokenMacWork&) const = default;
};
TokenMacWork token_mac_work() noexcept;

}  // namespace kist::core
