// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <compare>
#include <filesystem>
#include <map>
#include <string>

#include "canary.hpp"

namespace kist::testing {

/// That a canary of a kind is in a place.
struct Finding {
  std::string kind, place;
  auto operator<=>(const Finding&) const = default;
};
/// With where exactly, for whoever looks for the cause.
using Findings = std::map<Finding, std::string>;

/// Memory that a core dump leaves out, and all other.
inline constexpr const char *kUndumpedMemory = "memory left out of core dumps",
                            *kDumpedMemory = "memory of core dumps";

/// Searches a stopped process: its environment, command line and list of mappings, and the content
/// of every mapping that it can read. The caller must be root, if the process is not dumpable.
Findings search_process(const CanarySearch& search, pid_t process);

/// Searches the content and the names of all files below a directory.
Findings search_files(const CanarySearch& search, const std::filesystem::path& directory);

/// Searches one text, such as what a program printed.
Findings search_text(const CanarySearch& search, std::string_view text, const std::string& place);

}  // namespace kist::testing
