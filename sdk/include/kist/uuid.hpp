// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <kist/types.h>

namespace kist {

/// A UUID (RFC 4122), ordered by its bytes. The host makes them; a store only keeps them.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  friend constexpr bool operator==(const Uuid&, const Uuid&) = default;
  // Not defaulted: libc++ 14 does not order arrays three ways.
  friend constexpr std::strong_ordering operator<=>(const Uuid& a, const Uuid& b) {
    for (std::size_t i = 0; i < a.bytes.size(); ++i) {
      if (a.bytes[i] != b.bytes[i]) return a.bytes[i] <=> b.bytes[i];
    }
    return std::strong_ordering::equal;
  }

  /// "3f0c2d4e-…" in lower case with hyphens.
  std::string to_string() const {
    std::string text;
    text.reserve(36);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
      append_hex(text, bytes[i]);
    }
    return text;
  }
  /// The 32 digits alone, which filters compare (FL-3).
  std::string to_hex() const {
    std::string text;
    text.reserve(32);
    for (const std::uint8_t byte : bytes) append_hex(text, byte);
    return text;
  }
  /// Takes 32 hex digits of either case, with hyphens anywhere or nowhere; nothing for all else.
  static std::optional<Uuid> parse(std::string_view text) {
    Uuid uuid;
    std::size_t digits = 0;
    for (const char c : text) {
      if (c == '-') continue;
      const int digit = hex_digit(c);
      if (digit < 0 || digits == 32) return std::nullopt;
      auto& byte = uuid.bytes[digits / 2];
      byte = static_cast<std::uint8_t>(byte << 4 | digit);
      ++digits;
    }
    if (digits != 32) return std::nullopt;
    return uuid;
  }

 private:
  static void append_hex(std::string& text, std::uint8_t byte) {
    constexpr char digits[] = "0123456789abcdef";
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  static constexpr int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  }
};

}  // namespace kist

template <>
struct std::hash<kist::Uuid> {
  std::size_t operator()(const kist::Uuid& uuid) const noexcept {
    return std::hash<std::string_view>()(
        {reinterpret_cast<const char*>(uuid.bytes.data()), uuid.bytes.size()});
  }
};
