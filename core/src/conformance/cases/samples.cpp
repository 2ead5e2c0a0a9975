// SPDX-License-Identifier: Apache-2.0
#include "samples.hpp"

#include <functional>
#include <random>

namespace kist::conformance {
namespace {

constexpr std::int64_t kNow = 1'767'323'045'678'901;  // 2026-01-02 03:04:05.678901 UTC

std::string shown(std::string_view bytes) {
  constexpr std::size_t kShownMax = 24;
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes.substr(0, kShownMax)) {
    if (c >= ' ' && c <= '~') {
      text += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    text += {'\\', digits[byte >> 4], digits[byte & 15]};
  }
  if (bytes.size() > kShownMax) {
    text += "…(" + std::to_string(bytes.size()) + " bytes, hash " +
            std::to_string(std::hash<std::string_view>()(bytes)) + ")";
  }
  return text;
}

}  // namespace

Uuid random_id() {
  std::random_device device;
  Uuid id;
  for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(device());
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x40);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return id;
}

Uuid numbered_id(std::uint64_t number) {
  Uuid id;
  id.bytes[6] = 0x40;
  id.bytes[8] = 0x80;
  for (std::size_t i = 0; i < 7; ++i)
    id.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  return id;
}

Timestamp at(std::int64_t microseconds) {
  return Timestamp(std::chrono::microseconds(kNow + microseconds));
}

SecretValues values_of(Pairs pairs) {
  SecretValues values;
  for (const auto& [key, value] : pairs) values.set(key, value);
  return values;
}

SecretPatch patch_of(Pairs set, std::initializer_list<std::string_view> removed) {
  SecretPatch patch;
  for (const auto& [key, value] : set) patch.set(key, value);
  for (const std::string_view key : removed) patch.remove(key);
  return patch;
}

Secret secret_named(std::string_view name, Pairs pairs) {
  Secret secret;
  secret.id = random_id();
  secret.name = name;
  secret.workspace_id = numbered_id(1);
  secret.user_id = numbered_id(1);
  secret.created = secret.updated = at(0);
  secret.values = values_of(pairs);
  return secret;
}

SecretUpdate update_of(const Uuid& id) {
  SecretUpdate update;
  update.id = id;
  update.updated = at(1'000'001);
  return update;
}

std::string text_of(const SecretMetadata& row) {
  return row.id.to_string() + " '" + shown(row.name) + "' " + std::string(to_string(row.scope)) +
         " workspace=" + row.workspace_id.to_hex() + " user=" + row.user_id.to_hex() +
         " created=" + std::to_string(row.created.time_since_epoch().count()) +
         " updated=" + std::to_string(row.updated.time_since_epoch().count()) +
         " revision=" + std::to_string(row.revision) + (row.readable ? "" : " unreadable");
}

std::string text_of(const Secret& secret) {
  std::string text = text_of(static_cast<const SecretMetadata&>(secret)) + " {";
  for (const auto entry : secret.values) {
    text += " " + shown(entry.key) + "=" + shown(entry.value.reveal());
  }
  return text + " }";
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string result;
  result.reserve(text.size() * count);
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

std::span<const std::string_view> awkward_names() {
  static constexpr std::string_view names[] = {
      "secret",
      "Secret",                                // Case counts.
      "SECRET",                                //
      "caf\u00e9",                             // NFC …
      "cafe\u0301",                            // … and NFD of the same word.
      "\uff53\uff45\uff43\uff52\uff45\uff54",  // Full width.
      "sec\u200bret",                          // With a space of no width.
      "\u0130stanbul",                         // Turkish capital dotted I …
      "\u0131stanbul",                         // … small dotless i …
      "istanbul",                              // … and the English ones.
      "Istanbul",                              //
      "a'b",                                   // What means something to SQL …
      "a''b",
      "a\"b",
      "a%b",
      "a_b",
      "a\\b",
      "a;b--",
      "a*b",  // … to a shell …
      "$(a)",
      "${env:HOME}",
      "a/b",  // … to a file system …
      "a/../b",
      "..",
      ".",
      "/etc/passwd",
      "a b",
      "a  b",
      "%61",  // … and to a URL.
      "\U0001f511",
  };
  return names;
}

}  // namespace kist::conformance
