// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "text/printable.hpp"

namespace kist::core {

/// UTF-8 without control characters: what can be printed as it is.
inline bool is_plain_text(std::string_view text) { return printable(text, text.size()) == text; }

}  // namespace kist::core
