// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include <kist/models.hpp>

namespace kist::core {

/// An expression fits the longest URL that HTTP takes.
inline constexpr std::size_t kMaxExpressionBytes = std::size_t{8} * 1024;

/// The name of a field in requests: "workspace_id".
std::string_view field_name(Field field);

/// Reads one filter of a listing, `op:value` or a bare value (FL-1 to FL-4), for a field other than
/// `revision`. UUIDs become 32 hex digits in lower case, times a range; a filter can be true of
/// nothing (`oneof:[]`).
/// Errors: InvalidParameter: an operator that does not fit the field, or a value that does not
/// parse.
Condition parse_condition(Field field, std::string_view expression);

}  // namespace kist::core
