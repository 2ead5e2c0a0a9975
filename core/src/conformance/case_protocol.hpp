// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace kist::core {

// What kist-conformance, which has the cases, and ConformanceRun, which starts it, agree on.

/// Exit codes beside 0, the case holds, and 1, it does not.
inline constexpr int kCannotRun = 2;
inline constexpr int kDoesNotApply = 77;

/// Instead of cases: opens and closes the store once, and ends with 0 or kCannotRun.
inline constexpr std::string_view kPreflightOption = "--preflight";
/// Begins the line with the error of that open: its number, a tab, and its message.
inline constexpr std::string_view kOpenErrorMark = "cannot open: ";

/// Begins the line that says why a case does not apply.
inline constexpr std::string_view kReasonMark = "does not apply: ";
/// Begins a line with a figure: its name, a tab, and a number with its unit.
inline constexpr std::string_view kFigureMark = "figure: ";

}  // namespace kist::core
