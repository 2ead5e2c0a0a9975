// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>

#include <kist/error.hpp>

namespace kist::cli {

/// Who read our standard output has gone: there is nobody to tell.
class OutputClosed : public Error {
 public:
  OutputClosed() : Error(ErrorCode::unavailable, "nobody reads standard output") {}
};

/// Writes all of `text` to standard output. Errors: OutputClosed; unavailable, such as a full disk.
void write_output(std::string_view text);

/// Calls `write`, which tells of a change that is made: an error says so, lest it be made again.
/// Errors: those of write_output().
void tell_of_change(const std::function<void()>& write);

/// Writes one line to standard error, as "kist: …", fit for a terminal whatever is in it. Never
/// fails: there would be nowhere to say so.
void write_notice(std::string_view message);
/// A line that belongs to the one before, and is indented.
void write_detail(std::string_view line);
/// As it is; for JSON and prompts.
void write_error_text(std::string_view text);

}  // namespace kist::cli
