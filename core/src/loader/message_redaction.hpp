// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace kist::core {

/// Secrets below this size are words that stand in a message by chance: they stay.
inline constexpr std::size_t kRedactedBytesMin = 4;

/// A stranger's message fit for a log (see printable()), with "(redacted)" for each secret in it,
/// also where one overlaps another or the place where the message is cut. Of the message, not more
/// than its first `limit` bytes are shown; "…" stands for the rest.
std::string redacted(std::string_view message, std::span<const std::string_view> secrets,
                     std::size_t limit);

}  // namespace kist::core
