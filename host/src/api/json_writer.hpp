// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include <kist/models.hpp>
#include <kist/secret_value.hpp>

namespace kist::api {

/// Writes JSON straight into a reply, without a tree of it: what has secrets in it is nowhere else.
/// Puts the commas; that braces and names come in pairs is the caller's care.
class JsonWriter {
 public:
  /// Adds to `out`, which outlives it.
  explicit JsonWriter(detail::SecretBuffer& out) : out_(out) {}

  /// Before a member: `name` needs no escapes.
  JsonWriter& member(std::string_view name);
  /// The same for any name that is UTF-8.
  JsonWriter& member_named(std::string_view name);
  /// Before an item of an array.
  JsonWriter& item();

  /// Braces, `null`, and what is JSON already.
  JsonWriter& raw(std::string_view json);
  /// Bytes that are no UTF-8 are written as printable() shows them.
  JsonWriter& text(std::string_view text);
  /// A text, or {"base64": "…"} where the bytes are no UTF-8: nothing of a value is lost.
  JsonWriter& bytes(std::string_view bytes);
  JsonWriter& number(std::uint64_t number);
  JsonWriter& uuid(const Uuid& uuid);
  /// RFC 3339 in UTC, "2026-03-01T12:00:00.000000Z"; what lies outside of its years is their end.
  JsonWriter& time(Timestamp time);

 private:
  void comma(char opening);

  detail::SecretBuffer& out_;
};

}  // namespace kist::api
