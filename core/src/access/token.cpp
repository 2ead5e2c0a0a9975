// SPDX-License-Identifier: Apache-2.0
#include "access/token.hpp"

#include <algorithm>

#include "sealing/random_bytes.hpp"
#include "text/hex.hpp"

namespace kist::core {
namespace {

constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
static_assert(kAlphabet.size() == 32, "each character is five bits");

constexpr std::string_view kVersion = "v1";
constexpr std::size_t kKeyDigits = 2 * sizeof(TokenHash::key);
constexpr std::size_t kMacDigits = 2 * kTokenMacBytes;
constexpr std::size_t kHashSize =
    kVersion.size() + 1 + kLookupIdSize + 1 + kKeyDigits + 1 + kMacDigits;

void fill_with_random_characters(char* out, std::size_t size) {
  fill_with_random_bytes(out, size);
  std::transform(out, out + size, out,
                 [](char c) { return kAlphabet[static_cast<std::uint8_t>(c) & 31]; });
}

template <class Bytes>
std::string_view view_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Only digits of lower case: a hash is written in one way.
template <class Bytes>
bool read_digits(std::string_view digits, Bytes& bytes) {
  return std::none_of(digits.begin(), digits.end(), [](char c) { return c >= 'A' && c <= 'F'; }) &&
         read_hex(digits, reinterpret_cast<char*>(bytes.data()), bytes.size());
}

/// Takes `size` characters and the '.' in front of them off the text.
std::string_view take(std::string_view& rest, std::size_t size) {
  if (!rest.starts_with('.') || rest.size() <= size) return {};
  const std::string_view part = rest.substr(1, size);
  rest.remove_prefix(1 + size);
  return part;
}

}  // namespace

SecretValue new_token() {
  return SecretValue::written(kTokenSize, [](char* out) {
    out = std::copy(kTokenPrefix.begin(), kTokenPrefix.end(), out);
    fill_with_random_characters(out, kLookupIdSize);
    out += kLookupIdSize;
    *out++ = '_';
    fill_with_random_characters(out, kTokenSecretSize);
  });
}

LookupId lookup_id_of(std::string_view token) noexcept {
  LookupId id;
  std::copy_n(token.begin() + kTokenPrefix.size(), id.size(), id.begin());
  return id;
}

TokenHash TokenHash::make(SecretView token, std::string_view principal) {
  TokenHash hash{};
  hash.lookup_id = lookup_id_of(token.reveal());
  fill_with_random_bytes(reinterpret_cast<char*>(hash.key.data()), hash.key.size());
  hash.mac = token_mac(principal_key(hash, principal), token.reveal());
  return hash;
}

std::optional<TokenHash> TokenHash::parse(std::string_view text) {
  if (text.size() != kHashSize || !text.starts_with(kVersion)) return std::nullopt;
  text.remove_prefix(kVersion.size());
  const std::string_view id = take(text, kLookupIdSize);
  const std::string_view key = take(text, kKeyDigits);
  const std::string_view mac = take(text, kMacDigits);
  if (id.empty() || id.find_first_not_of(kAlphabet) != std::string_view::npos) return std::nullopt;
  TokenHash hash{};
  std::copy(id.begin(), id.end(), hash.lookup_id.begin());
  if (!read_digits(key, hash.key) || !read_digits(mac, hash.mac)) return std::nullopt;
  return hash;
}

std::string TokenHash::to_string() const {
  return std::string(kVersion) + "." + std::string(view_of(lookup_id)) + "." +
         to_hex(view_of(key)) + "." + to_hex(view_of(mac));
}

TokenMac principal_key(const TokenHash& hash, std::string_view principal) {
  return token_mac(hash.key, principal);
}

}  // namespace kist::core
