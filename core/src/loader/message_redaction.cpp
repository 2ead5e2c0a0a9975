// SPDX-License-Identifier: Apache-2.0
#include "loader/message_redaction.hpp"

#include <algorithm>
#include <vector>

#include "text/printable.hpp"

namespace kist::core {
namespace {

/// At most `limit` bytes, cut between two characters.
std::string_view start_of(std::string_view message, std::size_t limit) {
  if (message.size() <= limit) return message;
  std::size_t size = limit;
  while (size > 0 && limit - size < 3 && (static_cast<unsigned char>(message[size]) & 0xC0) == 0x80)
    --size;
  return message.substr(0, size);
}

/// Which of the first `size` bytes of `message` belong to a secret. All are looked for in the
/// message itself: one replaced after the other, the second would hide behind what is left of the
/// first.
std::vector<bool> hidden_bytes(std::string_view message, std::span<const std::string_view> secrets,
                               std::size_t size) {
  std::vector<bool> hidden(size);
  for (const std::string_view secret : secrets) {
    if (secret.size() < kRedactedBytesMin || size == 0) continue;
    const std::string_view searched = message.substr(0, size - 1 + secret.size());
    for (std::size_t at = 0; (at = searched.find(secret, at)) != std::string_view::npos; ++at) {
      const auto first = hidden.begin() + static_cast<std::ptrdiff_t>(at);
      std::fill_n(first, std::min(secret.size(), size - at), true);
    }
  }
  return hidden;
}

}  // namespace

std::string redacted(std::string_view message, std::span<const std::string_view> secrets,
                     std::size_t limit) {
  const std::string_view shown = start_of(message, limit);
  const std::vector<bool> hidden = hidden_bytes(message, secrets, shown.size());
  std::string text;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (!hidden[i])
      text += shown[i];
    else if (i == 0 || !hidden[i - 1])
      text += "(redacted)";
  }
  text = printable(text, limit);
  if (shown.size() < message.size() && !text.ends_with("…")) text += "…";
  return text;
}

}  // namespace kist::core
