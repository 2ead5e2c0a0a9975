// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace kist::api {

enum class Plus { plus, space };

/// Decodes each %XX once and adds the result to `out`. False: a '%' without two hexadecimal digits
/// behind it.
bool percent_decode(std::string_view text, Plus plus, std::string& out);

}  // namespace kist::api
