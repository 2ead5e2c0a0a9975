// SPDX-License-Identifier: Apache-2.0
#include "import/zenml_values.hpp"

#include <array>
#include <string>

#include <openssl/evp.h>

#include <kist/error.hpp>

#include "import/value_map.hpp"
#include "text/base64.hpp"

namespace kist::core {
namespace {

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
  const auto sealed = read_base64(stored);
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
