// SPDX-License-Identifier: Apache-2.0
#include "loader/plugin_search.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "text/printable.hpp"
#include "text/suggestion.hpp"

namespace kist::core {
namespace {

constexpr std::size_t kFilesMax = 256;

/// Where people expect a search to look, and why this one does not.
void add_places_never_searched(std::vector<std::string>& trail) {
  trail.emplace_back("the working directory: never searched, since anyone may have written there");
  trail.emplace_back(
      "LD_LIBRARY_PATH and the directories of the dynamic linker: never searched, for the same "
      "reason");
}

/// "/plugins/./x/" and "/plugins/x" are one directory.
std::filesystem::path normal(const std::filesystem::path& directory) {
  std::filesystem::path result = directory.lexically_normal();
  return result.has_filename() || !result.has_parent_path() || result == result.root_path()
             ? result
             : result.parent_path();
}

/// Why nothing was looked at in a directory, or no such file found in it.
std::string described(const std::filesystem::path& directory, const Error& error,
                      const std::string& absent) {
  const std::string path = printable(directory.native()) + ": ";
  if (const auto* refused = dynamic_cast<const PluginRefused*>(&error))
    return path + "refused by " + to_string(refused->finding);
  return path + (error.code == ErrorCode::not_found ? absent : std::string(error.message()));
}

std::string list_of(const std::vector<StoreTypeManifest>& stores) {
  std::string text;
  for (const StoreTypeManifest& store : stores)
    text += (text.empty() ? "'" : ", '") + store.type + "'";
  return text;
}

std::vector<std::string> types_of(const Manifest& manifest) {
  std::vector<std::string> types;
  for (const StoreTypeManifest& store : manifest.stores) types.push_back(store.type);
  return types;
}

/// "; did you mean 'sqlite'?", or nothing.
std::string meant(std::string_view word, const std::vector<std::string>& known) {
  const std::vector<std::string_view> candidates(known.begin(), known.end());
  const auto near = nearest(word, candidates);
  return near ? "; did you mean '" + std::string(*near) + "'?" : "";
}

std::string described(const PluginCandidate& candidate) {
  const std::string path = printable(candidate.path.native());
  if (!candidate.checked) return path + ": refused by " + to_string(*candidate.refusal);
  const Manifest& manifest = candidate.checked->manifest;
  return path + ": plugin '" + manifest.id + "', which provides " + list_of(manifest.stores);
}

std::string with_store_type(const CheckedPlugin& plugin, const std::string& wanted) {
  const std::vector<StoreTypeManifest>& stores = plugin.manifest.stores;
  if (wanted.empty()) {
    if (stores.size() == 1) return stores.front().type;
    throw PluginNotFound("plugin '" + plugin.manifest.id + "' provides " + list_of(stores) +
                             "; put the one you want behind class_path, after a colon",
                         {});
  }
  if (plugin.manifest.store(wanted) == nullptr) {
    throw PluginNotFound("plugin '" + plugin.manifest.id + "' has no store type " +
                             in_quotes(wanted) + "; it provides " + list_of(stores),
                         {});
  }
  return wanted;
}

}  // namespace

ClassPath ClassPath::parse(std::string_view text) {
  ClassPath result;
  const std::size_t colon = text.rfind(':');
  if (colon != std::string_view::npos && text.find('/', colon) == std::string_view::npos) {
    result.store_type = text.substr(colon + 1);
    text = text.substr(0, colon);
  }
  result.plugin = text;
  if (text.empty()) throw Error(ErrorCode::invalid_argument, "class_path names no plugin");
  if (text.starts_with('/')) {
    result.by = By::path;
  } else if (text.find('/') != std::string_view::npos) {
    throw Error(
        ErrorCode::invalid_argument,
        "class_path " + in_quotes(text) +
            " is a relative path; expected an absolute one, a file name, or the id of a plugin");
  } else {
    result.by = text.ends_with(".so") ? By::file_name : By::id;
  }
  return result;
}

PluginSearch::PluginSearch(std::vector<std::filesystem::path> directories, PluginPolicy policy)
    : policy_(std::move(policy)) {
  for (const auto& directory : directories) {
    auto path = normal(directory);
    if (std::ranges::find(directories_, path) == directories_.end())
      directories_.push_back(std::move(path));
  }
}

PluginCandidate PluginSearch::candidate(const std::filesystem::path& directory,
                                        const std::string& name) const {
  PluginCandidate result{directory / name, std::nullopt, std::nullopt};
  try {
    result.checked = check_plugin(open_plugin_file(directory, name), policy_);
  } catch (const PluginRefused& refused) {
    result.refusal = refused.finding;
  } catch (const Error& error) {
    // One file that cannot be read must not hide the others.
    result.refusal = Finding{"KP-19", std::string(error.message()), "a file that can be read"};
  }
  return result;
}

std::vector<PluginCandidate> PluginSearch::in(const std::filesystem::path& directory,
                                              std::vector<std::string>& trail) const {
  std::vector<std::string> names;
  try {
    open_plugin_directory(directory);
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
      if (entry.path().extension() == ".so") names.push_back(entry.path().filename());
    }
  } catch (const Error& error) {
    trail.push_back(described(directory, error, "no such directory"));
    return {};
  } catch (const std::filesystem::filesystem_error& error) {
    trail.push_back(printable(directory.native()) + ": " + error.code().message());
    return {};
  }
  if (names.size() > kFilesMax) {
    throw Error(ErrorCode::resource_exhausted, "plugin directory " + in_quotes(directory.native()) +
                                                   " holds " + std::to_string(names.size()) +
                                                   " files; at most " + std::to_string(kFilesMax) +
                                                   " are looked at");
  }
  std::ranges::sort(names);
  std::vector<PluginCandidate> candidates;
  for (const std::string& name : names) {
    candidates.push_back(candidate(directory, name));
    trail.push_back(described(candidates.back()));
  }
  if (names.empty())
    trail.push_back(printable(directory.native()) + ": no file whose name ends in .so");
  return candidates;
}

std::vector<PluginCandidate> PluginSearch::all() const {
  std::vector<PluginCandidate> result;
  std::vector<std::string> trail;
  for (const auto& directory : directories_) {
    std::ranges::move(in(directory, trail), std::back_inserter(result));
  }
  return result;
}

CheckedPlugin PluginSearch::only(const std::string& kind, std::string_view wanted,
                                 WordsOf words_of) const {
  std::vector<std::string> trail;
  std::vector<std::string> others;
  std::optional<CheckedPlugin> found;
  for (const auto& directory : directories_) {
    for (PluginCandidate& candidate : in(directory, trail)) {
      if (!candidate.checked) continue;
      const std::vector<std::string> words = words_of(candidate.checked->manifest);
      if (std::ranges::find(words, wanted) == words.end()) {
        others.insert(others.end(), words.begin(), words.end());
        continue;
      }
      if (found) {
        throw PluginNotFound("two plugins provide " + kind + " " + in_quotes(wanted) + ": " +
                                 in_quotes(found->file.path().native()) + " and " +
                                 in_quotes(candidate.path.native()) +
                                 " (KP-26); remove one, or name one by class_path",
                             std::move(trail));
      }
      found = std::move(candidate.checked);
    }
  }
  if (found) return std::move(*found);
  add_places_never_searched(trail);
  throw PluginNotFound(
      "no plugin provides " + kind + " " + in_quotes(wanted) + meant(wanted, others),
      std::move(trail));
}

PluginSelection PluginSearch::by_type(std::string_view type) const {
  return {only("store type", type, types_of), std::string(type)};
}

CheckedPlugin PluginSearch::by_id(const ClassPath& class_path) const {
  return only("the id", class_path.plugin,
              [](const Manifest& manifest) { return std::vector{manifest.id}; });
}

CheckedPlugin PluginSearch::by_file(const ClassPath& class_path) const {
  const std::filesystem::path path(class_path.plugin);
  const bool by_path = class_path.by == ClassPath::By::path;
  std::vector<std::string> trail;
  for (const auto& directory : directories_) {
    if (by_path && normal(path.parent_path()) != directory) {
      trail.push_back(printable(directory.native()) + ": not the directory of that file");
      continue;
    }
    try {
      open_plugin_directory(directory);
    } catch (const Error& error) {
      if (by_path && error.code != ErrorCode::not_found) throw;
      trail.push_back(described(directory, error, "no such directory"));
      continue;
    }
    try {
      return check_plugin(open_plugin_file(directory, path.filename().native()), policy_);
    } catch (const Error& error) {
      if (error.code != ErrorCode::not_found) throw;
      trail.push_back(described(directory, error, "no such file"));
    }
  }
  add_places_never_searched(trail);
  throw PluginNotFound("no plugin directory holds " + in_quotes(class_path.plugin),
                       std::move(trail));
}

PluginSelection PluginSearch::by_class_path(const ClassPath& class_path) const {
  CheckedPlugin plugin =
      class_path.by == ClassPath::By::id ? by_id(class_path) : by_file(class_path);
  std::string store_type = with_store_type(plugin, class_path.store_type);
  return {std::move(plugin), std::move(store_type)};
}

}  // namespace kist::core
