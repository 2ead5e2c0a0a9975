// SPDX-License-Identifier: Apache-2.0
#include "log/line.hpp"

#include <charconv>
#include <cmath>
#include <type_traits>

#include "text/printable.hpp"

namespace kist::log {
namespace {

constexpr std::size_t kMessageBytes = 512;
constexpr std::size_t kTextBytes = 512;
constexpr std::size_t kNameBytes = 64;

// For what stands before and behind: time, level, braces, and that something was left out.
constexpr std::size_t kRoomOfRest = 128;
constexpr std::size_t kBytesMax = kLineBytesMax - kRoomOfRest;

/// Between double quotes, with what JSON and people would take for their end escaped.
std::string in_double_quotes(std::string_view printable) {
  std::string quoted = "\"";
  for (const char c : printable) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string for_people(std::string_view text) {
  const std::string shown = core::printable(text, kTextBytes);
  const bool plain = !shown.empty() && shown.find_first_of(" \"=\\") == std::string::npos;
  return plain ? shown : in_double_quotes(shown);
}

template <class Number>
std::string digits(Number number) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof(text), number).ptr};
}

std::string written(const Value& value, std::string (*text)(std::string_view),
                    std::string_view no_number) {
  return std::visit(
      [&](const auto& kind) -> std::string {
        using Kind = std::decay_t<decltype(kind)>;
        if constexpr (std::is_same_v<Kind, bool>) return kind ? "true" : "false";
        if constexpr (std::is_same_v<Kind, std::string_view>) return text(kind);
        if constexpr (std::is_same_v<Kind, double>) {
          if (!std::isfinite(kind)) return std::string(no_number);
        }
        if constexpr (std::is_arithmetic_v<Kind> && !std::is_same_v<Kind, bool>)
          return digits(kind);
      },
      value.kinds());
}

std::string json_text(std::string_view text) {
  return in_double_quotes(core::printable(text, kTextBytes));
}

/// Adds a piece for each field, as long as there is room.
template <class Write>
std::string with_fields(std::string line, std::span<const Field> fields, std::string_view cut,
                        Write write) {
  for (const Field& field : fields) {
    const std::string piece = write(field);
    if (line.size() + piece.size() > kBytesMax) return line.append(cut);
    line += piece;
  }
  return line;
}

}  // namespace

std::string text_of(std::string_view message, std::span<const Field> fields) {
  std::string line = core::printable(message, kMessageBytes);
  if (!fields.empty()) line += ' ';
  return with_fields(std::move(line), fields, " cut=true", [](const Field& field) {
    return " " + core::printable(field.name, kNameBytes) + "=" +
           written(field.value, for_people, "nan");
  });
}

std::string json_of(std::string_view message, std::span<const Field> fields) {
  std::string line = "\"message\":" + in_double_quotes(core::printable(message, kMessageBytes));
  return with_fields(std::move(line), fields, ",\"cut\":true", [](const Field& field) {
    return "," + in_double_quotes(core::printable(field.name, kNameBytes)) + ":" +
           written(field.value, json_text, "null");
  });
}

}  // namespace kist::log
