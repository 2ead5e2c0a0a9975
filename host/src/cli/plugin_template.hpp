// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace kist::cli {

/// What a new plugin is to be called. `name` is 1 to 32 of a-z 0-9 _, first a letter.
struct PluginNames {
  std::string name, id, vendor, license;
  std::filesystem::path directory;  ///< Absolute: where the project will lie.
};

/// A text of a template, or the name of one of its files, with the names of the new plugin: a
/// template is a plugin named `sample`, with the id `org.example.sample`, of `Example Vendor`,
/// under `Apache-2.0`, in `/path/of/sample`.
std::string with_names(std::string_view text, const PluginNames& names);

/// Copies a template, a directory of text files, to `names.directory`, which it makes; gives the
/// paths of the files in it, sorted. Errors: already_exists: it is there already, and not empty;
/// unavailable: something cannot be read or written.
std::vector<std::filesystem::path> write_plugin_project(const std::filesystem::path& from,
                                                        const PluginNames& names);

}  // namespace kist::cli
