// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "loader/plugin_file.hpp"

namespace kist::cli {

/// All that can be learned of one file without running it.
struct PluginInspection {
  std::filesystem::path path;
  std::string sha256;                      ///< Empty: the file could not be taken.
  std::optional<core::Manifest> manifest;  ///< Absent: a refusal says why.
  std::vector<core::Finding> refusals;     ///< Every rule that is broken; empty: it may be mapped.
  std::vector<core::Finding> warnings;
  std::vector<std::string> libraries, exports;  ///< DT_NEEDED, and what dlsym() can find.
};

/// Errors: not_found: there is no such file.
PluginInspection inspect_plugin(const std::filesystem::path& path,
                                const core::PluginPolicy& policy);

std::string inspection_text(const PluginInspection& inspection);
void write_inspection_json(const PluginInspection& inspection);

}  // namespace kist::cli
