// SPDX-License-Identifier: Apache-2.0
#include "secrets/cursor.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "secrets/validation.hpp"

namespace kist::core {
namespace {

// A cursor is base64url, without padding, of: version, id, sort field, MAC.
constexpr char kVersion = 1;
constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kMacBytes = 32;
constexpr std::size_t kFixedBytes = 1 + kIdBytes + kMacBytes;
constexpr std::size_t kMaxBytes = kFixedBytes + kMaxNameBytes;
constexpr std::size_t kMaxTextSize = (kMaxBytes * 4 + 2) / 3;

void check_crypto(bool done) {
  if (!done) throw Error(ErrorCode::internal, "OpenSSL could not compute the MAC of a cursor");
}

void append_number(std::string& out, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xFF);
}
void append_text(std::string& out, std::string_view text) {
  append_number(out, text.size());
  out += text;
}
void append_uuid(std::string& out, const Uuid& uuid) {
  out.append(reinterpret_cast<const char*>(uuid.bytes.data()), uuid.bytes.size());
}
std::uint64_t microseconds(Timestamp time) {
  return static_cast<std::uint64_t>(time.time_since_epoch().count());
}

std::uint64_t read_number(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char c : bytes) number = number << 8 | static_cast<std::uint8_t>(c);
  return number;
}
Uuid read_uuid(std::string_view bytes) {
  Uuid uuid;
  std::memcpy(uuid.bytes.data(), bytes.data(), uuid.bytes.size());
  return uuid;
}
Timestamp read_time(std::string_view bytes) {
  return Timestamp(std::chrono::microseconds(static_cast<std::int64_t>(read_number(bytes))));
}

std::string sort_value(Field sort, const SecretMetadata& row) {
  std::string value;
  switch (sort) {
    case Field::id:
      break;
    case Field::name:
      value = row.name;
      break;
    case Field::scope:
      append_number(value, static_cast<std::uint32_t>(row.scope));
      break;
    case Field::workspace_id:
      append_uuid(value, row.workspace_id);
      break;
    case Field::user_id:
      append_uuid(value, row.user_id);
      break;
    case Field::created:
      append_number(value, microseconds(row.created));
      break;
    case Field::updated:
      append_number(value, microseconds(row.updated));
      break;
    case Field::revision:
      append_number(value, row.revision);
      break;
  }
  return value;
}

/// `value` has passed the MAC, so it is what sort_value() made.
void set_sort_value(Field sort, std::string_view value, SecretMetadata& row) {
  switch (sort) {
    case Field::id:
      break;
    case Field::name:
      row.name = value;
      break;
    case Field::scope:
      row.scope = static_cast<Scope>(read_number(value));
      break;
    case Field::workspace_id:
      row.workspace_id = read_uuid(value);
      break;
    case Field::user_id:
      row.user_id = read_uuid(value);
      break;
    case Field::created:
      row.created = read_time(value);
      break;
    case Field::updated:
      row.updated = read_time(value);
      break;
    case Field::revision:
      row.revision = read_number(value);
      break;
  }
}

/// Everything that a cursor is bound to, in one way of writing it. Conditions stand in the order of
/// their bytes, since clients may send the same filters in another order.
std::string canonical_list(const Uuid& principal, const ListRequest& request) {
  std::vector<std::string> conditions;
  for (const Condition& condition : request.conditions) {
    std::string& text = conditions.emplace_back();
    append_number(text, static_cast<std::uint32_t>(condition.field));
    append_number(text, static_cast<std::uint32_t>(condition.op));
    append_number(text, microseconds(condition.from));
    append_number(text, microseconds(condition.until));
    for (const std::string& wanted : condition.texts) append_text(text, wanted);
  }
  std::sort(conditions.begin(), conditions.end());

  std::string list;
  append_uuid(list, principal);
  append_number(list, static_cast<std::uint32_t>(request.sort));
  append_number(list, request.descending ? 1 : 0);
  append_number(list, request.match_any ? 1 : 0);
  for (const std::string& condition : conditions) append_text(list, condition);
  return list;
}

std::string sha256(std::string_view bytes) {
  std::string digest(32, '\0');
  std::size_t size = 0;
  check_crypto(EVP_Q_digest(nullptr, "SHA256", nullptr, bytes.data(), bytes.size(),
                            reinterpret_cast<unsigned char*>(digest.data()), &size) == 1);
  return digest;
}

std::string hmac_sha256(const CursorKey& key, std::string_view bytes) {
  const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> algorithm(
      EVP_MAC_fetch(nullptr, "HMAC", nullptr), EVP_MAC_free);
  check_crypto(algorithm != nullptr);
  const std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context(
      EVP_MAC_CTX_new(algorithm.get()), EVP_MAC_CTX_free);
  check_crypto(context != nullptr);
  char digest_name[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name, 0),
      OSSL_PARAM_construct_end()};
  std::string mac(kMacBytes, '\0');
  std::size_t size = 0;
  const auto* const data = reinterpret_cast<const unsigned char*>(bytes.data());
  auto* const out = reinterpret_cast<unsigned char*>(mac.data());
  check_crypto(EVP_MAC_init(context.get(), key.data(), key.size(), parameters) == 1 &&
               EVP_MAC_update(context.get(), data, bytes.size()) == 1 &&
               EVP_MAC_final(context.get(), out, &size, mac.size()) == 1 && size == kMacBytes);
  return mac;
}

/// The MAC over a position, within one list of one principal.
std::string mac_of(const CursorKey& key, const Uuid& principal, const ListRequest& request,
                   std::string_view position) {
  return hmac_sha256(key, sha256(canonical_list(principal, request)) + std::string(position));
}

std::string base64url(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL adds a NUL.
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  while (text.ends_with('=')) text.pop_back();
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

/// Nothing unless `text` is exactly what base64url() makes.
std::optional<std::string> from_base64url(std::string_view text) {
  std::string padded(text);
  std::replace(padded.begin(), padded.end(), '-', '+');
  std::replace(padded.begin(), padded.end(), '_', '/');
  padded.append((4 - padded.size() % 4) % 4, '=');
  std::string bytes(padded.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(padded.data()),
                                   static_cast<int>(padded.size()));
  if (size < 0) return std::nullopt;
  bytes.resize(text.size() * 3 / 4);  // OpenSSL counts the padding as bytes.
  if (base64url(bytes) != text) return std::nullopt;
  return bytes;
}

Error foreign_cursor() {
  return {ErrorCode::invalid_argument,
          "the cursor does not belong to this list; start again without one"};
}

}  // namespace

CursorKey new_cursor_key() {
  CursorKey key;
  if (RAND_bytes(key.data(), static_cast<int>(key.size())) != 1)
    throw Error(ErrorCode::internal, "OpenSSL has no randomness for the key of cursors");
  return key;
}

std::string make_cursor(const CursorKey& key, const Uuid& principal, const ListRequest& request,
                        const SecretMetadata& last) {
  std::string position(1, kVersion);
  append_uuid(position, last.id);
  position += sort_value(request.sort, last);
  return base64url(position + mac_of(key, principal, request, position));
}

SecretMetadata read_cursor(const CursorKey& key, const Uuid& principal,
                           const ListRequest& request) {
  const std::string_view text = request.cursor ? *request.cursor : std::string_view();
  if (text.empty() || text.size() > kMaxTextSize) throw foreign_cursor();
  const auto bytes = from_base64url(text);
  if (!bytes || bytes->size() < kFixedBytes) throw foreign_cursor();

  const std::string_view position = std::string_view(*bytes).substr(0, bytes->size() - kMacBytes);
  const std::string expected = mac_of(key, principal, request, position);
  if (CRYPTO_memcmp(expected.data(), bytes->data() + position.size(), kMacBytes) != 0 ||
      position[0] != kVersion)
    throw foreign_cursor();

  SecretMetadata row;
  row.id = read_uuid(position.substr(1));
  set_sort_value(request.sort, position.substr(1 + kIdBytes), row);
  return row;
}

}  // namespace kist::core
