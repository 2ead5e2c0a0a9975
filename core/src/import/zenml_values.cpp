// SPDX-License-Identifier: Apache-2.0
#include "import/zenml_values.hpp"

#include <array>
#include <climits>
#include <string>

#include <openssl/evp.h>

#include <kist/error.hpp>

#include "import/value_map.hpp"

namespace kist::core {
namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string_view text_of(const detail::SecretBuffer& buffer) {
  return {buffer.data(), buffer.size()};
}

SecretValue aes_key_of(const SecretValue& encryption_key) {
  std::array<unsigned char, kKeyBytes> digest;
  unsigned size = 0;
  if (::EVP_Digest(encryption_key.reveal().data(), encryption_key.size(), digest.data(), &size,
                   ::EVP_sha256(), nullptr) != 1 ||
      size != digest.size())
    throw Error(ErrorCode::internal, "OpenSSL cannot hash with SHA-256");
  SecretValue key(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
  wipe(digest.data(), digest.size());
  return key;
}

/// Standard base64 (RFC 4648, section 4) with its padding and nothing else: OpenSSL's decoder
/// passes over blanks, takes what follows a '-' for the end, and counts padding as zero bytes.
/// Nothing: it is something else.
std::optional<detail::SecretBuffer> from_base64(std::string_view text) {
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

bool is_plain_json(std::string_view text) {
  try {
    parse_value_map(text, Limits{});
  } catch (const Error& error) {
    return error.code != ErrorCode::corrupt;
  }
  return true;
}

}  // namespace

ZenmlValues::ZenmlValues(std::span<const SecretValue> encryption_keys)
    : cipher_(AesGcm::Direction::decrypt) {
  for (const SecretValue& key : encryption_keys) keys_.push_back(aes_key_of(key));
}

ZenmlValues::Opened ZenmlValues::open(std::string_view stored, const Limits& limits) {
  const auto sealed = from_base64(stored);
  if (!sealed) throw Error(ErrorCode::corrupt, "its values are damaged: they are no base64");
  if (keys_.empty()) {
    try {
      return {parse_value_map(text_of(*sealed), limits), std::nullopt};
    } catch (const Error& error) {
      if (error.code != ErrorCode::corrupt) throw;
      refuse(text_of(*sealed));
    }
  }
  detail::SecretBuffer plain;
  const auto key = decrypt(text_of(*sealed), plain);
  if (!key) refuse(text_of(*sealed));
  return {parse_value_map(text_of(plain), limits), key};
}

std::optional<std::size_t> ZenmlValues::decrypt(std::string_view sealed,
                                                detail::SecretBuffer& plain) {
  if (sealed.size() < kNonceBytes + kTagBytes) return std::nullopt;
  const std::string_view nonce = sealed.substr(0, kNonceBytes);
  const std::string_view tag = sealed.substr(kNonceBytes, kTagBytes);
  const std::string_view ciphertext = sealed.substr(kNonceBytes + kTagBytes);
  detail::SecretBuffer tag_last;
  tag_last.append(ciphertext);
  tag_last.append(tag);
  char* const out = plain.extend(ciphertext.size());
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    cipher_.set_key(keys_[i].view());
    if (cipher_.decrypt(nonce, {}, text_of(tag_last), out)) return i;
  }
  return std::nullopt;
}

void ZenmlValues::refuse(std::string_view sealed) const {
  if (keys_.empty())
    throw Error(ErrorCode::corrupt, "its values are encrypted or damaged, and no key is given");
  if (is_plain_json(sealed))
    throw Error(ErrorCode::corrupt, "its values are not encrypted, and a key is given");
  throw Error(ErrorCode::corrupt, keys_.size() == 1
                                      ? "its values do not decrypt with the key that is given"
                                      : "its values do not decrypt with any of the " +
                                            std::to_string(keys_.size()) + " keys that are given");
}

}  // namespace kist::core
