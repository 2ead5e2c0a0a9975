// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>

namespace kist::test {

/// What the kernel says of the mapping that holds `address`: " rd wr mr mw me lo ac dd " (VmFlags
/// of /proc/PID/smaps, see proc(5)). Empty: there is none.
inline std::string flags_of(const void* address) {
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  std::ifstream smaps("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(smaps, line);) {
    std::istringstream words(line);
    std::uintptr_t begin = 0, end = 0;
    char dash = 0;
    if (words >> std::hex >> begin >> dash >> end && dash == '-')
      inside = begin <= wanted && wanted < end;
    else if (inside && line.starts_with("VmFlags:"))
      return line.substr(8) + " ";
  }
  return {};
}

inline bool is_locked(const void* address) {
  return flags_of(address).find(" lo ") != std::string::npos;
}
inline bool is_left_out_of_dumps(const void* address) {
  return flags_of(address).find(" dd ") != std::string::npos;
}

}  // namespace kist::test
