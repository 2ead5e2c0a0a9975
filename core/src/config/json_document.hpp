// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <kist/secret_value.hpp>

namespace kist::core {

/// Where a token of a file begins. Both count from 1; a column is one code point of UTF-8.
struct SourcePosition {
  std::size_t line = 1;
  std::size_t column = 1;
};

enum class JsonKind : std::uint8_t { null, boolean, integer, number, string, array, object };

/// "an object", "a whole number": for the sentence "expected …, found …".
std::string_view describe(JsonKind kind);

struct JsonMember;

/// One value of a JSON text, and where it stands. Strings are wiped when freed, since any may be a
/// secret.
struct JsonNode {
  JsonKind kind = JsonKind::null;
  SourcePosition position;
  bool boolean = false;
  std::int64_t integer = 0;  ///< Of JsonKind::integer; what does not fit is JsonKind::number.
  SecretValue text;          ///< Of a string, with its escapes resolved.
  std::vector<JsonNode> elements;
  std::vector<JsonMember> members;  ///< In the order of the file; keys differ.

  const JsonMember* member(std::string_view key) const;  ///< Null: there is none.
};

struct JsonMember {
  std::string key;
  SourcePosition position;
  JsonNode value;
};

struct JsonDocument {
  std::string file;  ///< As messages are to name it.
  JsonNode root;

  /// "kist.json:4:5".
  std::string at(SourcePosition position) const;
};

constexpr std::size_t kJsonBytesMax = 1024 * 1024;
constexpr std::size_t kJsonDepthMax = 32;

/// Reads JSON (RFC 8259) with C and C++ comments, without trailing commas. Refuses duplicate keys,
/// strings that are not UTF-8, a byte order mark, and what is past the two limits. Errors:
/// invalid_argument, as "kist.json:12:7: expected ',' or '}', found '"'".
JsonDocument parse_json_document(std::string_view text, std::string file);

/// The text with blanks in the place of its comments, for Boost's own parser: that of 1.81 misses
/// the end of a comment that closes with "**/". Errors: invalid_argument: a comment is not closed,
/// or is not UTF-8.
SecretValue without_json_comments(std::string_view text, std::string file);

}  // namespace kist::core
