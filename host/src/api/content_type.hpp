// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace kist::api {

/// Whether a Content-Type (RFC 9110, section 8.3) is application/json, and of no other charset than
/// UTF-8. Other parameters do not count.
bool is_json_type(std::string_view content_type);

}  // namespace kist::api
