// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <kist/secret_value.hpp>

namespace kist::cli {

/// Reads lines of the form KEY=VALUE, and gives each to `take`.
///
///   # a comment              blank lines and lines that start with '#' are passed over
///   export KEY=VALUE         `export ` may stand before the key
///   KEY=plain text           to the end of the line, without white space at either end
///   KEY='as it is'           nothing is special between single quotes
///   KEY="a \"b\"\n"          \n \r \t \\ \" \$ are escapes; any other backslash is refused
///
/// Nothing is expanded: `$HOME` is five letters. A quoted value ends on its line, and only a
/// comment may stand behind it. `name` is for messages, which say file and line and never more.
/// Errors: invalid_argument.
void read_env_file(std::string_view text, const std::string& name,
                   const std::function<void(std::string_view key, SecretValue value)>& take);

}  // namespace kist::cli
