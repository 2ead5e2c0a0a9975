// SPDX-License-Identifier: Apache-2.0
#include "cli/plugin_template.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include <kist/error.hpp>

#include "text/printable.hpp"

namespace kist::cli {
namespace {

namespace fs = std::filesystem;

char upper(char letter) {
  return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
}

/// "dir_store" → "DirStore".
std::string camel_case(std::string_view name) {
  std::string result;
  bool is_first = true;
  for (const char letter : name) {
    if (letter != '_') result += is_first ? upper(letter) : letter;
    is_first = letter == '_';
  }
  return result;
}

std::string capitals(std::string name) {
  std::ranges::transform(name, name.begin(), upper);
  return name;
}

[[noreturn]] void fail(const std::string& action, const fs::path& path,
                       const std::error_code& error) {
  throw Error(
      ErrorCode::unavailable,
      "cannot " + action + " " + core::in_quotes(path.native(), 4096) + ": " + error.message());
}

void make_directory(const fs::path& directory) {
  std::error_code error;
  if (fs::create_directories(directory, error)) return;
  if (error) fail("make the directory", directory, error);
  const bool is_empty = fs::is_empty(directory, error);
  if (error) fail("read the directory", directory, error);
  if (!is_empty)
    throw Error(ErrorCode::already_exists, "the directory " +
                                               core::in_quotes(directory.native(), 4096) +
                                               " is there already, and not empty");
}

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file) fail("read", path, std::make_error_code(std::errc::io_error));
  return text;
}

void write_text(const fs::path& path, const std::string& text) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error) fail("make the directory", path.parent_path(), error);
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) fail("write", path, std::error_code(errno, std::generic_category()));
}

std::vector<fs::path> files_below(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    if (it->is_regular_file()) files.push_back(it->path().lexically_relative(directory));
  }
  if (error) fail("read the directory", directory, error);
  std::ranges::sort(files);
  return files;
}

}  // namespace

std::string with_names(std::string_view text, const PluginNames& names) {
  const std::pair<std::string_view, std::string> words[] = {
      {"/path/of/sample", names.directory.native()},
      {"org.example.sample", names.id},
      {"Example Vendor", names.vendor},
      {"Apache-2.0", names.license},
      {"sample", names.name},
      {"Sample", camel_case(names.name)},
      {"SAMPLE", capitals(names.name)}};
  std::string result;
  while (!text.empty()) {
    const auto* const word = std::ranges::find_if(
        words, [&](const auto& candidate) { return text.starts_with(candidate.first); });
    const bool is_found = word != std::end(words);
    if (is_found)
      result += word->second;
    else
      result += text.front();
    text.remove_prefix(is_found ? word->first.size() : 1);
  }
  return result;
}

std::vector<fs::path> write_plugin_project(const fs::path& from, const PluginNames& names) {
  const std::vector<fs::path> files = files_below(from);
  make_directory(names.directory);
  std::vector<fs::path> written;
  for (const fs::path& file : files) {
    written.emplace_back(with_names(file.native(), names));
    write_text(names.directory / written.back(), with_names(read_text(from / file), names));
  }
  std::ranges::sort(written);
  return written;
}

}  // namespace kist::cli
