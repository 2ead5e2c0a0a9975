// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace kist::cli {

/// The GNU build id of the running program, in hexadecimal; "unknown" if it was linked without.
std::string build_id();

/// "kist 0.1.0 (build 1a2b…, ABI 1.0)".
std::string version_line();

}  // namespace kist::cli
