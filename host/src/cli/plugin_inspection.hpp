// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loader/plugin_file.hpp"

namespace kist::cli {

/// All that can be learned of one file without running it.
struct PluginInspection {
  std::filesystem::path path;
  std::string sha256;                      ///< Empty: the file could not be taken.
  std::optional<core::Manifest> manifest;  ///< Absent: a refusal says why.
  std::vector<std::string_view> judged;    ///< Rules that could be looked at, broken or not.
  std::vector<core::Finding> refusals;     ///< Every rule that is broken; empty: it may be mapped.
  std::vector<core::Finding> warnings;
  std::vector<std::string> libraries, exports;  ///< DT_NEEDED, and what dlsym() can find.
};

/// Whether KP-19 counts in full: who owns the file and all above it, and who may write to them.
enum class Place : bool { any, installed };

/// A file that breaks KP-19 is looked at all the same. Errors: not_found: there is no such file;
/// unavailable: it cannot be read.
PluginInspection inspect_plugin(const std::filesystem::path& path, const core::PluginPolicy& policy,
                                Place place = Place::installed);

std::string inspection_text(const PluginInspection& inspection);
void write_inspection_json(const PluginInspection& inspection);

}  // namespace kist::cli
