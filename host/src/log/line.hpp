// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "log/field.hpp"

namespace kist::log {

// What a pipe takes in one piece (PIPE_BUF): lines of several processes do not mix then.
inline constexpr std::size_t kLineBytesMax = 4096;

/// `message  name=value name="other value"`, for people.
std::string text_of(std::string_view message, std::span<const Field> fields);

/// `"message":"…","name":"value"`: members of a JSON object, for programs.
std::string json_of(std::string_view message, std::span<const Field> fields);

// Both are UTF-8 on one line, whatever they are given (AT-42), and have room in a line: long texts
// end with "…", and fields for which there is no room are left out, which the field `cut` says.

}  // namespace kist::log
