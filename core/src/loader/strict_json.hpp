// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include <boost/json/value.hpp>

namespace kist::core {

/// Reads one JSON document of which nothing is trusted. Stricter than boost::json::parse, which
/// keeps the last of two equal keys silently: a duplicate key, a control character in a key or a
/// string (also an escaped one), invalid UTF-8, nesting beyond `max_depth` and text after the
/// document are errors. The caller bounds the size of `text`. Errors: invalid_argument; the message
/// starts with the place: "byte 17: the key 'id' stands twice".
boost::json::value parse_strict_json(std::string_view text, std::size_t max_depth);

}  // namespace kist::core
