// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace kist::api {

inline constexpr std::size_t kMaxTags = 100;

/// The revisions that an If-Match header names, as ETag gives them: `"7"`, `"7", "9"`. None: it is
/// `*`, and any will do.
/// Errors: invalid_argument: it is something else, also a weak tag, which no revision has.
std::vector<std::uint64_t> parse_if_match(std::string_view header);

}  // namespace kist::api
