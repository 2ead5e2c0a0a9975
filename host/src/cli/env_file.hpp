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
///   KEY='as it is'           nothing is special between single quotes, the end of a line neither;
///                            a single quote is written '\'', as in a shell
///   KEY="a \"b\"\n"          \n \r \t \\ \" \$ are escapes; any other backslash is refused
///
/// Nothing is expanded: `$HOME` is five letters. A value between double quotes ends on its line,
/// and only a comment may stand behind a quoted one. `name` is for messages, which say file and
/// line and never more. `take_comment` gets each comment line, from its '#'.
/// Errors: invalid_argument.
void read_env_file(std::string_view text, const std::string& name,
                   const std::function<void(std::string_view key, SecretValue value)>& take,
                   const std::function<void(std::string_view line)>& take_comment = {});

}  // namespace kist::cli
