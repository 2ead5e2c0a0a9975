// SPDX-License-Identifier: Apache-2.0
#include "secrets/validation.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>

#include "text/printable.hpp"

namespace kist::core {
namespace {

/// Decodes a sequence that utf8_sequence_size() has found valid.
char32_t code_point(std::string_view sequence) {
  constexpr std::uint8_t kLeadBits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t value = static_cast<std::uint8_t>(sequence[0]) & kLeadBits[sequence.size()];
  for (const char c : sequence.substr(1)) {
    value = value << 6 | (static_cast<std::uint8_t>(c) & 0x3F);
  }
  return value;
}

/// The property White_Space of PropList.txt, Unicode 15.0. Zero-width characters do not have it.
bool is_white_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

/// C0, DEL, C1, and the separators that some readers of logs take for line ends.
bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029;
}

std::string written(char32_t c) {
  char text[16];
  std::snprintf(text, sizeof text, "U+%04X", static_cast<unsigned>(c));
  return text;
}

}  // namespace

Limits Limits::lowered_to(std::size_t store_max_secret_bytes) const {
  Limits lowered = *this;
  lowered.max_secret_bytes = std::min(max_secret_bytes, store_max_secret_bytes);
  return lowered;
}

Limits Limits::sealed_within(std::size_t store_max_secret_bytes,
                             std::size_t envelope_overhead) const {
  Limits sealed = *this;
  sealed.envelope_bytes = envelope_overhead;
  sealed.max_sealed_bytes = store_max_secret_bytes;
  return sealed;
}

std::optional<std::string> fault_of_name(std::string_view name) {
  std::size_t count = 0;
  char32_t last = 0;
  for (std::string_view rest = name; !rest.empty();) {
    const std::size_t size = utf8_sequence_size(rest);
    if (size == 0) return "is not valid UTF-8";
    const char32_t c = code_point(rest.substr(0, size));
    if (is_control(c)) return "holds the control character " + written(c);
    if (count == 0 && is_white_space(c)) return "begins with white space (" + written(c) + ")";
    last = c;
    ++count;
    rest.remove_prefix(size);
  }
  if (count == 0)
    return "is empty; expected 1 to " + std::to_string(kMaxNameCodePoints) + " characters";
  if (is_white_space(last)) return "ends with white space (" + written(last) + ")";
  if (count > kMaxNameCodePoints) {
    return "has " + std::to_string(count) + " characters; expected at most " +
           std::to_string(kMaxNameCodePoints);
  }
  return std::nullopt;
}

ValidatedName::ValidatedName(std::string_view name) : text_(name) {
  if (const auto fault = fault_of_name(name)) {
    throw Error(ErrorCode::invalid_argument,
                name.empty() ? "the name " + *fault : "the name " + in_quotes(name) + " " + *fault);
  }
}

void check_key(std::string_view key) {
  const auto bad_key = [&](const std::string& fault) {
    return Error(ErrorCode::invalid_argument, "the key " + in_quotes(key) + " " + fault);
  };
  if (key.empty())
    throw Error(ErrorCode::invalid_argument,
                "a key is empty; expected 1 to " + std::to_string(kMaxKeyBytes) + " bytes");
  if (key.size() > kMaxKeyBytes)
    throw bad_key("has " + std::to_string(key.size()) + " bytes; expected at most " +
                  std::to_string(kMaxKeyBytes));
  if (key.find('\0') != std::string_view::npos) throw bad_key("holds a NUL byte");
  if (!is_utf8(key)) throw bad_key("is not valid UTF-8");
}

void check_values(const SecretPatch& values, const Limits& limits) {
  std::size_t keys_set = 0, bytes_set = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    check_key(values.key(i));
    if (values.removes(i)) continue;
    ++keys_set;
    bytes_set += values.key(i).size() + values.value(i).size();
  }
  check_size(keys_set, bytes_set, limits);
}

void check_size(std::size_t keys, std::size_t bytes, const Limits& limits) {
  if (keys > limits.max_keys)
    throw LimitExceeded("the secret would have " + std::to_string(keys) + " keys; the limit is " +
                        std::to_string(limits.max_keys));
  if (bytes > limits.max_secret_bytes)
    throw LimitExceeded("the secret's keys and values would take " + std::to_string(bytes) +
                        " bytes; the limit is " + std::to_string(limits.max_secret_bytes));
  const std::size_t sealed_bytes = bytes + keys * limits.envelope_bytes;
  if (sealed_bytes > limits.max_sealed_bytes)
    throw LimitExceeded("the secret's keys and sealed values would take " +
                        std::to_string(sealed_bytes) + " bytes; the limit of the store is " +
                        std::to_string(limits.max_sealed_bytes));
}

}  // namespace kist::core
