// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "secrets/list_request.hpp"

namespace kist::api {

/// Twice as many as a list may have filters.
inline constexpr std::size_t kMaxParameters = 2 * core::kMaxConditions;

using Parameters = std::vector<core::ListParameter>;

/// Takes a query string apart (application/x-www-form-urlencoded), each name and value decoded
/// once. Errors: invalid_argument: bad percent-encoding, text that is not UTF-8 or holds NUL, too
/// many.
Parameters parse_query(std::string_view query);

/// The parameter of that name, which may be given once; null: it is not there.
/// Errors: InvalidParameter: it is given twice.
const core::ListParameter* find_parameter(const Parameters& parameters, std::string_view name);

/// Reads true or false in all the words that Python clients send; nothing: it is not there.
/// Errors: InvalidParameter.
std::optional<bool> boolean_parameter(const Parameters& parameters, std::string_view name);

/// Parameters of other names are passed over, since clients of other versions send them; but one
/// that is nearly one of `known` was meant to be it, and what it would have changed is not done
/// otherwise. Errors: InvalidParameter.
void refuse_misspelt(const Parameters& parameters, std::span<const std::string_view> known);

}  // namespace kist::api
