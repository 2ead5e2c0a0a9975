// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <iterator>

namespace kist::conformance {

/// What this process holds of things that a store must give back (KP-13).
struct ProcessGauge {
  static ProcessGauge read() { return {entries("/proc/self/fd"), entries("/proc/self/task")}; }
  bool operator==(const ProcessGauge&) const = default;

  std::size_t descriptors, threads;

 private:
  static std::size_t entries(const char* directory) {
    const std::filesystem::directory_iterator first(directory);
    return static_cast<std::size_t>(std::distance(first, {}));
  }
};

}  // namespace kist::conformance
