// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loader/plugin_file.hpp"

namespace kist::core {

/// What `class_path` of a configuration says: which plugin, and which of its store types.
struct ClassPath {
  enum class By {
    path,       ///< "/usr/lib/kist/plugins/acme.so": a file in one of the plugin directories.
    file_name,  ///< "acme.so": the first of that name in the plugin directories.
    id,         ///< "org.example.acme": the one plugin whose manifest has this id.
  };
  By by = By::id;
  std::string plugin;
  std::string store_type;  ///< Behind the colon; empty: the plugin's only one.

  /// Errors: invalid_argument: empty, or a relative path with directories.
  static ClassPath parse(std::string_view text);
};

/// One file of the plugin directories, and what the rules say of it.
struct PluginCandidate {
  std::filesystem::path path;
  std::optional<CheckedPlugin> checked;  ///< Absent: refused.
  std::optional<Finding> refusal;
};

/// No plugin, or more than one, is what the configuration asks for: failed_precondition. The trail
/// says of each place what was found there, and of each place that is never searched why.
class PluginNotFound : public Error {
 public:
  PluginNotFound(const std::string& message, std::vector<std::string> places)
      : Error(ErrorCode::failed_precondition, message), trail(std::move(places)) {}

  std::vector<std::string> trail;
};

/// The plugin that a configuration asks for, checked, and not yet mapped.
struct PluginSelection {
  CheckedPlugin plugin;
  std::string store_type;
};

/// Finds plugins, and checks them, without running any of their code.
class PluginSearch {
 public:
  /// `directories` are absolute, and searched in this order. None else is: not the working
  /// directory, not those of the dynamic linker, not one that an environment variable names.
  PluginSearch(std::vector<std::filesystem::path> directories, PluginPolicy policy);

  /// Every file whose name ends in ".so", in the order of the search. Errors: resource_exhausted:
  /// more than 256 in one directory.
  std::vector<PluginCandidate> all() const;

  /// The one plugin that provides `type`. Errors: PluginNotFound.
  PluginSelection by_type(std::string_view type) const;

  /// The plugin that `class_path` names. Errors: PluginNotFound; PluginRefused: it is there, but
  /// breaks a rule.
  PluginSelection by_class_path(const ClassPath& class_path) const;

 private:
  std::vector<PluginCandidate> in(const std::filesystem::path& directory,
                                  std::vector<std::string>& trail) const;
  PluginCandidate candidate(const std::filesystem::path& directory, const std::string& name) const;
  CheckedPlugin by_file(const ClassPath& class_path) const;
  CheckedPlugin by_id(const ClassPath& class_path) const;
  using WordsOf = std::vector<std::string> (*)(const Manifest&);
  /// The one candidate whose words, of this `kind`, have `wanted` among them. Errors:
  /// PluginNotFound.
  CheckedPlugin only(const std::string& kind, std::string_view wanted, WordsOf words_of) const;

  std::vector<std::filesystem::path> directories_;
  PluginPolicy policy_;
};

}  // namespace kist::core
