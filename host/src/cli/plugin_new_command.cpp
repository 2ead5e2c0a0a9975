// SPDX-License-Identifier: Apache-2.0
#include "cli/plugin_new_command.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string>
#include <system_error>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "cli/configured.hpp"
#include "cli/json_output.hpp"
#include "cli/plugin_template.hpp"
#include "cli/session.hpp"
#include "cli/standard_streams.hpp"
#include "loader/manifest.hpp"
#include "text/printable.hpp"
#include "text/suggestion.hpp"

namespace kist::cli {
namespace {

namespace fs = std::filesystem;

struct Language {
  std::string_view name;   ///< Also the template's directory.
  std::string_view build;  ///< Builds and tests it.
};
constexpr Language kLanguages[] = {{"c++", "cmake --workflow --preset test"},
                                   {"c", "cmake --workflow --preset test"},
                                   {"rust", "cargo test"}};

const Language& language_of(const Arguments& arguments) {
  std::string word = arguments.one("lang").value_or("c++");
  if (word == "cpp") word = "c++";
  const auto* const found = std::ranges::find(kLanguages, word, &Language::name);
  if (found != std::end(kLanguages)) return *found;
  std::vector<std::string_view> names;
  for (const Language& language : kLanguages) names.push_back(language.name);
  throw UsageError("--lang is " + core::in_quotes(word, 64) + core::allowed_words(word, names));
}

std::string name_of(const Arguments& arguments) {
  const std::string& name = arguments.words.front();
  const bool is_good =
      !name.empty() && name.size() <= 32 && name.front() >= 'a' && name.front() <= 'z' &&
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
  if (!is_good)
    throw UsageError("the name is " + core::in_quotes(name, 64) +
                     "; expected 1 to 32 of a-z 0-9 _, first a letter");
  return name;
}

/// A text that goes into string literals of three languages, into JSON and into Markdown.
std::string literal_argument(const Arguments& arguments, std::string_view name,
                             std::string fallback) {
  std::string text = arguments.one(name).value_or(std::move(fallback));
  const bool is_plain = !text.empty() && text.size() <= 100 && core::is_utf8(text) &&
                        std::ranges::none_of(text, [](char c) {
                          return (c >= 0 && c < ' ') || c == 0x7f || c == '"' || c == '\\';
                        });
  if (!is_plain)
    throw UsageError("--" + std::string(name) + " is " + core::in_quotes(text, 128) +
                     "; expected 1 to 100 bytes of UTF-8 without quotes, backslashes and control "
                     "characters");
  return text;
}

std::string id_of(const Arguments& arguments, const std::string& name) {
  std::string fallback = "org.example." + name;
  std::ranges::replace(fallback, '_', '-');
  std::string id = arguments.one("id").value_or(fallback);
  if (!core::is_plugin_id(id))
    throw UsageError("--id is " + core::in_quotes(id, 256) + "; expected " +
                     std::string(core::kPluginIdForm));
  return id;
}

fs::path directory_of(const Arguments& arguments, const std::string& name) {
  const std::string word = arguments.one("directory").value_or(name);
  std::error_code error;
  fs::path directory = fs::absolute(word, error).lexically_normal();
  if (word.empty() || error || directory.native().find_first_of("\"\\\n") != std::string::npos)
    throw UsageError("--directory is " + core::in_quotes(word, 4096) +
                     "; expected a path without quotes and backslashes");
  if (!directory.has_filename()) directory = directory.parent_path();
  return directory;
}

fs::path template_of(const Language& language, const Arguments& arguments) {
  const fs::path prefix =
      arguments.has("sdk") ? fs::path(*arguments.one("sdk")) : directory_of_program() / "..";
  const fs::path path = (prefix / "share/kist-sdk/template" / language.name).lexically_normal();
  std::error_code error;
  if (!fs::is_directory(path, error))
    throw Error(ErrorCode::not_found, "the SDK is not installed here: there is no " +
                                          core::in_quotes(path.native(), 4096) +
                                          "; --sdk says where it is");
  return path;
}

void write_next_steps(const PluginNames& names, const Language& language,
                      const std::vector<fs::path>& files) {
  std::string text = "Wrote to " + core::printable(names.directory.native(), 4096) + ":\n";
  for (const fs::path& file : files) text += "  " + file.native() + "\n";
  text += "There, this builds and tests it, and this runs it in a host:\n  " +
          std::string(language.build) +
          "\n  printf app | kist --config kist.json secret create first user=-\n";
  write_output(text);
}

int create(Session& session, const Arguments& arguments) {
  const Language& language = language_of(arguments);
  PluginNames names;
  names.name = name_of(arguments);
  names.id = id_of(arguments, names.name);
  names.vendor = literal_argument(arguments, "vendor", "Example Vendor");
  names.license = literal_argument(arguments, "license", "Apache-2.0");
  names.directory = directory_of(arguments, names.name);
  const auto files = write_plugin_project(template_of(language, arguments), names);
  if (!session.json()) {
    write_next_steps(names, language, files);
    return 0;
  }
  boost::json::array list;
  for (const fs::path& file : files) list.push_back(json_text(file.native()));
  write_json({{"directory", json_text(names.directory.native())},
              {"id", names.id},
              {"type", names.name},
              {"files", std::move(list)}});
  return 0;
}

}  // namespace

std::vector<Command> plugin_new_commands() {
  return {
      {.words = "plugin new",
       .arguments = "NAME",
       .summary = "Writes the project of a new plugin: a store that works, to be changed",
       .details =
           "The store keeps one file per secret in a directory, and keeps every rule of the\n"
           "contract. NAME is its store type: 1 to 32 of a-z 0-9 _. What is written is yours, "
           "under\n"
           "any licence you like.\n",
       .examples = {"kist plugin new dir", "kist plugin new dir --lang rust --id com.acme.dir",
                    "kist plugin new dir --vendor 'Acme Inc.' --license MIT"},
       .options = {{"lang", "LANGUAGE", "c++, c or rust; default c++"},
                   {"id", "ID", "The plugin's id; default org.example.NAME"},
                   {"vendor", "TEXT", "Who makes it; default 'Example Vendor'"},
                   {"license", "LICENSE", "Its SPDX licence; default Apache-2.0"},
                   {"directory", "DIR", "Where the project will lie; default NAME"},
                   {"sdk", "PREFIX", "Where the SDK is installed; default: beside this program"}},
       .words_min = 1,
       .words_max = 1,
       .run = create}};
}

}  // namespace kist::cli
