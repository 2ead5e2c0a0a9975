// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "config/configuration.hpp"

namespace kist::serve {

/// Sees that the files of a TLS configuration were replaced or written to.
class CertificateFiles {
 public:
  /// Looks at them, and from now on compares with what it saw. Nothing: there are none.
  void watch(const std::optional<core::TlsSettings>& settings);
  /// True once for each change.
  bool have_changed();

 private:
  /// Device, inode, size and time of each; zeros where there is none.
  using Look = std::vector<std::array<std::uint64_t, 5>>;
  Look look() const;

  std::vector<std::filesystem::path> files_;
  Look seen_;
};

}  // namespace kist::serve
