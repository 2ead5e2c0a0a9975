// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kist::core {

// Who is counted as one: an IPv4 address, or an IPv6 network of 64 bits, of which one customer has
// at least one and can use every address (RFC 6177). An IPv4 address inside an IPv6 one (::ffff:…)
// counts as itself.

/// "192.0.2.7" or "2001:db8:0:1::/64", of the bytes as they are on the wire.
std::string counted_network(const std::array<std::uint8_t, 4>& address);
std::string counted_network(const std::array<std::uint8_t, 16>& address);

/// Of an address as inet_ntop() writes it; a zone behind it, "%eth0", is no part of its network.
/// Nothing: it is none.
std::optional<std::string> counted_network(std::string_view address);

}  // namespace kist::core
