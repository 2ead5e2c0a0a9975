// SPDX-License-Identifier: Apache-2.0
#include "cli/plugin_commands.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "cli/configured.hpp"
#include "cli/failure.hpp"
#include "cli/json_output.hpp"
#include "cli/plugin_check.hpp"
#include "cli/plugin_inspection.hpp"
#include "cli/server_view.hpp"
#include "cli/standard_streams.hpp"
#include "cli/table.hpp"
#include "secrets/error_table.hpp"
#include "text/printable.hpp"

namespace kist::cli {
namespace {

/// The plugins' section alone counts here: these commands serve to find out what to configure.
core::PluginSettings plugin_settings(const Session& session) {
  try {
    return load_configuration(session).configuration.plugins;
  } catch (const ErrorWithTrail&) {
    return {};
  }
}

std::string types_of(const core::Manifest& manifest) {
  std::string text;
  for (const core::StoreTypeManifest& store : manifest.stores)
    text += (text.empty() ? "" : ", ") + store.type;
  return text;
}

boost::json::object candidate_json(const core::PluginCandidate& candidate) {
  boost::json::object result{{"path", json_text(candidate.path.native())},
                             {"state", candidate.checked ? "checked" : "refused"}};
  if (candidate.checked) {
    const core::Manifest& manifest = candidate.checked->manifest;
    auto& types = result["types"].emplace_array();
    for (const core::StoreTypeManifest& store : manifest.stores) types.emplace_back(store.type);
    result["id"] = manifest.id;
    result["version"] = json_text(manifest.version);
    result["sha256"] = candidate.checked->file.sha256();
  } else {
    result["refusal"] = {{"rule", candidate.refusal->rule},
                         {"found", json_text(candidate.refusal->found)},
                         {"expected", json_text(candidate.refusal->expected)}};
  }
  return result;
}

/// Why nothing in a directory is looked at; nothing: it is searched.
std::optional<std::string> reason_not_to_search(const std::filesystem::path& directory) {
  try {
    core::open_plugin_directory(directory);
    return std::nullopt;
  } catch (const core::PluginRefused& refused) {
    return "refused by " + to_string(refused.finding);
  } catch (const Error& error) {
    if (error.code == ErrorCode::not_found) return "no such directory";
    const std::string named = "plugin '" + core::printable(directory.native(), 4096) + "': ";
    const std::string message(error.message());
    return message.starts_with(named) ? message.substr(named.size()) : message;
  }
}

boost::json::value list_document(const std::vector<core::PluginCandidate>& candidates,
                                 const std::vector<std::filesystem::path>& directories) {
  boost::json::array plugins, searched;
  for (const core::PluginCandidate& candidate : candidates)
    plugins.push_back(candidate_json(candidate));
  for (const std::filesystem::path& directory : directories) {
    const auto reason = reason_not_to_search(directory);
    searched.push_back({{"path", json_text(directory.native())},
                        {"searched", !reason},
                        {"reason", reason ? json_text(*reason) : boost::json::value(nullptr)}});
  }
  return {{"plugins", std::move(plugins)}, {"directories", std::move(searched)}};
}

std::string refusals_text(const std::vector<core::PluginCandidate>& candidates) {
  std::string text;
  for (const core::PluginCandidate& candidate : candidates) {
    if (candidate.refusal)
      text += core::printable(candidate.path.native(), 4096) + ": refused by " +
              core::printable(to_string(*candidate.refusal), 16384) + "\n";
  }
  return text;
}

std::string directories_text(const std::vector<std::filesystem::path>& directories) {
  std::string text;
  for (const std::filesystem::path& directory : directories) {
    const auto reason = reason_not_to_search(directory);
    text += reason ? "not searched: directory " + core::in_quotes(directory.native(), 4096) + ": " +
                         core::printable(*reason, 4096) + "\n"
                   : "searched: " + core::printable(directory.native(), 4096) + "\n";
  }
  return text;
}

int list(Session& session, const Arguments&) {
  if (session.server) return show_of_server(session, "/plugins");
  const core::PluginSettings settings = plugin_settings(session);
  const auto candidates = plugin_search(settings).all();
  const auto directories = plugin_directories(settings);
  if (session.json()) {
    write_json(list_document(candidates, directories));
    return 0;
  }
  Table table({"TYPE", "ID", "VERSION", "STATE", "PATH"});
  for (const core::PluginCandidate& candidate : candidates) {
    if (candidate.checked) {
      const core::Manifest& manifest = candidate.checked->manifest;
      table.row(
          {types_of(manifest), manifest.id, manifest.version, "checked", candidate.path.native()});
    } else {
      table.row({"-", "-", "-", "refused by " + candidate.refusal->rule, candidate.path.native()});
    }
  }
  write_output(table.text() + refusals_text(candidates) + directories_text(directories));
  return 0;
}

std::filesystem::path absolute(const std::string& file) {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::absolute(file, error);
  if (error) throw Error(ErrorCode::unavailable, "the working directory cannot be found");
  return path.lexically_normal();
}

bool provides(const core::PluginCandidate& candidate, const std::string& type) {
  return candidate.checked && candidate.checked->manifest.store(type) != nullptr;
}

/// A word with a slash is a file anywhere; else a file in a plugin directory, an id, or a type.
std::filesystem::path plugin_path(const std::string& word, const core::PluginSettings& settings) {
  if (word.find('/') != std::string::npos) return absolute(word);
  const core::PluginSearch search = plugin_search(settings);
  const auto candidates = search.all();
  for (const core::PluginCandidate& candidate : candidates) {
    if (candidate.path.filename() == word) return candidate.path;
    if (candidate.checked && candidate.checked->manifest.id == word) return candidate.path;
  }
  try {
    return search.by_type(word).plugin.file.path();
  } catch (const core::PluginNotFound& error) {
    const auto has_type = [&](const auto& candidate) { return provides(candidate, word); };
    if (std::ranges::any_of(candidates, has_type)) throw;  // Two plugins provide it.
    const Error absent(ErrorCode::not_found,
                       "no plugin directory has a file, a plugin or a store type " +
                           core::in_quotes(word) +
                           "; a file that lies elsewhere needs a '/' in its name");
    throw ErrorWithTrail(absent, error.trail);
  }
}

int inspect(Session& session, const Arguments& arguments) {
  if (arguments.words[0].empty())
    throw UsageError("what stands behind 'kist plugin inspect' is empty");
  const core::PluginSettings settings = plugin_settings(session);
  const PluginInspection inspection =
      inspect_plugin(plugin_path(arguments.words[0], settings), plugin_policy(settings));
  if (session.json())
    write_inspection_json(inspection);
  else
    write_output(inspection_text(inspection));
  if (inspection.refusals.empty()) return 0;
  return core::error_row(ErrorCode::failed_precondition).exit_code;
}

int check(Session& session, const Arguments& arguments) {
  const core::PluginPolicy policy = plugin_policy(plugin_settings(session));
  const Place place = arguments.has("installed") ? Place::installed : Place::any;
  std::vector<CheckedFile> files;
  bool is_good = true;
  for (const std::string& word : arguments.words) {
    if (word.empty()) throw UsageError("a file that stands behind 'kist plugin check' is empty");
    PluginInspection inspection = inspect_plugin(absolute(word), policy, place);
    is_good = is_good && inspection.refusals.empty() &&
              (inspection.warnings.empty() || !arguments.has("strict"));
    std::vector<CheckedRule> rules = checked_rules(inspection);
    files.push_back({word, std::move(inspection), std::move(rules)});
  }
  if (session.json())
    write_json(check_document(files));
  else
    write_output(check_text(files));
  return is_good ? 0 : core::error_row(ErrorCode::failed_precondition).exit_code;
}

}  // namespace

boost::json::value describe_plugins(const core::PluginSettings& settings) {
  return list_document(plugin_search(settings).all(), plugin_directories(settings));
}

std::vector<Command> plugin_commands() {
  return {
      {.words = "plugin list",
       .summary = "Lists every file in the plugin directories, refused ones too",
       .details = "Nothing of a plugin is run.\n",
       .examples = {"kist plugin list", "kist plugin list --output json"},
       .server = true,
       .run = list},
      {.words = "plugin inspect",
       .arguments = "FILE|ID|TYPE",
       .summary = "Shows what a plugin says of itself, and which rules it breaks",
       .details = "Nothing of it is run. A plugin that would be refused ends in exit code 6.\n",
       .examples = {"kist plugin inspect io.kist.sqlite", "kist plugin inspect sqlite",
                    "kist plugin inspect ./acme.so"},
       .words_min = 1,
       .words_max = 1,
       .run = inspect},
      {.words = "plugin check",
       .arguments = "FILE [FILE ...]",
       .summary = "Says of each rule that can be judged without running a plugin whether it holds",
       .details =
           "For the CI of a plugin's author, after packaging: what a host looks at before it\n"
           "loads a file. A file that a host would refuse ends in exit code 6.\n",
       .examples = {"kist plugin check ./acme.so", "kist plugin check --strict build/*.so",
                    "kist plugin check --installed /usr/lib/kist/plugins/acme.so"},
       .options = {{"installed", "",
                    "Also judges who can change the file and the directories above it"},
                   {"strict", "", "A warning ends in exit code 6 too"}},
       .words_min = 1,
       .words_max = kAnyNumber,
       .run = check}};
}

}  // namespace kist::cli
