// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/session.hpp"
#include "import/zenml_import.hpp"

namespace kist::cli {

/// What an import did, or would do.
struct ImportReport {
  bool dry_run = true;
  std::vector<std::string> keys;  ///< Where each key came from: "--encryption-key-env NAME".
  std::vector<core::ImportFinding> findings;

  std::size_t count(core::ImportResult result) const;
  /// 0, or the exit code of the first secret that is refused.
  int exit_code() const;
};

/// Writes a line for each secret, and what they amount to.
void write_report(const Session& session, const ImportReport& report);

}  // namespace kist::cli
