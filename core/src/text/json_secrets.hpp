// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <boost/json/value.hpp>

#include <kist/secret_value.hpp>

namespace kist::core {

/// Makes `place` a string if the bytes are UTF-8, else {"base64": "…"}. No copy is made elsewhere:
/// they may be a value, and `place` in secret_storage().
void set_bytes(boost::json::value& place, std::string_view bytes);

/// The document as text, in wiped memory.
detail::SecretBuffer json_in_wiped_memory(const boost::json::value& document);

}  // namespace kist::core
