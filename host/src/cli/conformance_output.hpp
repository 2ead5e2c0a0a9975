// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "conformance/conformance_report.hpp"
#include "loader/manifest.hpp"

namespace kist::cli {

/// What `kist plugin test` has found out.
struct ConformanceOutcome {
  const core::ConformanceSettings& settings;
  const core::Manifest& manifest;
  std::vector<core::CaseResult> results;
  std::vector<std::string> idle_quirks;  ///< Rules that are declared quirks, and hold.

  std::size_t count(core::Verdict verdict) const;
};

/// The rules in a table, the details of what is broken, and the figures. `each`: each case too.
std::string conformance_text(const ConformanceOutcome& outcome, bool each);
boost::json::value conformance_document(const ConformanceOutcome& outcome);

}  // namespace kist::cli
