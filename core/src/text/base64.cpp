// SPDX-License-Identifier: Apache-2.0
#include "text/base64.hpp"

#include <climits>

#include <openssl/evp.h>

namespace kist::core {
namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

void write_base64(std::string_view bytes, char* out) {
  ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out), bytes_of(bytes),
                    static_cast<int>(bytes.size()));
}

std::optional<detail::SecretBuffer> read_base64(std::string_view text) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  const std::string_view digits = text.substr(0, text.size() - padding);
  if (text.size() % 4 != 0 || text.size() > INT_MAX ||
      digits.find_first_not_of(alphabet) != std::string_view::npos)
    return std::nullopt;
  detail::SecretBuffer bytes;
  if (text.empty()) return bytes;
  auto* const out = reinterpret_cast<unsigned char*>(bytes.extend(text.size() / 4 * 3));
  if (::EVP_DecodeBlock(out, bytes_of(text), static_cast<int>(text.size())) < 0)
    return std::nullopt;
  bytes.truncate(bytes.size() - padding);
  return bytes;
}

}  // namespace kist::core
