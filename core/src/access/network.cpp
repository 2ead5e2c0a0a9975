// SPDX-License-Identifier: Apache-2.0
#include "access/network.hpp"

#include <algorithm>

#include <arpa/inet.h>

namespace kist::core {
namespace {

constexpr std::size_t kNetworkBytes = 8;
constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

template <class Bytes>
std::string text_of(int family, const Bytes& bytes) {
  char text[INET6_ADDRSTRLEN] = {};
  ::inet_ntop(family, bytes.data(), text, sizeof(text));  // Cannot fail: the room is enough.
  return text;
}

}  // namespace

std::string counted_network(const std::array<std::uint8_t, 4>& address) {
  return text_of(AF_INET, address);
}

std::string counted_network(const std::array<std::uint8_t, 16>& address) {
  if (std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), address.begin())) {
    std::array<std::uint8_t, 4> mapped;
    std::copy(address.begin() + kMappedPrefix.size(), address.end(), mapped.begin());
    return counted_network(mapped);
  }
  std::array<std::uint8_t, 16> network{};
  std::copy_n(address.begin(), kNetworkBytes, network.begin());
  return text_of(AF_INET6, network) + "/64";
}

std::optional<std::string> counted_network(std::string_view address) {
  if (address.find('\0') != std::string_view::npos) return std::nullopt;
  std::array<std::uint8_t, 4> four;
  if (::inet_pton(AF_INET, std::string(address).c_str(), four.data()) == 1)
    return counted_network(four);
  std::array<std::uint8_t, 16> sixteen;
  const std::string without_zone(address.substr(0, address.find('%')));
  if (::inet_pton(AF_INET6, without_zone.c_str(), sixteen.data()) == 1)
    return counted_network(sixteen);
  return std::nullopt;
}

}  // namespace kist::core
