// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace kist::core {

/// Every rule of docs/plugins/contract.md, "ST-1" to "KP-29", in the order of that page. A test
/// holds the two against each other.
std::span<const std::string_view> all_rules();

bool is_rule(std::string_view word);

}  // namespace kist::core
