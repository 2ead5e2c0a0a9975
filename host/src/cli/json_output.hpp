// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include <kist/secret_value.hpp>

namespace kist::cli {

/// A string, whatever the bytes are: those that are no UTF-8 are written as \xNN.
boost::json::value json_text(std::string_view text);

/// The document on one line. It is ASCII where a terminal would obey what is not.
std::string json_line(const boost::json::value& document);

/// The same, in wiped memory.
SecretValue json_secret_line(const boost::json::value& document);

/// Writes json_line() to standard output, and leaves no copy. Errors: those of write_output().
void write_json(const boost::json::value& document);

}  // namespace kist::cli
