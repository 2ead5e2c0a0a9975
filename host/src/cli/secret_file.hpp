// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <kist/error.hpp>
#include <kist/models.hpp>

namespace kist::cli {

/// What of a secret stands in a file of secrets: all that is not its store's to choose.
struct FiledSecret {
  std::string name;
  Scope scope = Scope::workspace;
  SecretValues values;

  /// "secret 'db' (workspace scope)".
  std::string named() const;
};

/// How secrets stand in a file.
struct FileFormat {
  std::string_view name;  ///< "dotenv".
  /// Errors: invalid_argument: one of them cannot stand in such a file.
  detail::SecretBuffer (*write)(std::span<const FiledSecret> secrets);
  /// What write() wrote. `file` is for messages, which never say what a value holds. Errors:
  /// invalid_argument.
  std::vector<FiledSecret> (*read)(std::string_view text, const std::string& file);
};

/// Those that there are: dotenv, json, yaml.
std::span<const FileFormat> file_formats();

/// Errors: invalid_argument, with the place in the file, unless name, keys and number of values may
/// be those of a secret; a secret stands twice.
void check_filed(const std::vector<FiledSecret>& secrets, const std::string& file);

// The formats, each in a file of its own.
detail::SecretBuffer write_dotenv(std::span<const FiledSecret> secrets);
std::vector<FiledSecret> read_dotenv(std::string_view text, const std::string& file);
detail::SecretBuffer write_json_file(std::span<const FiledSecret> secrets);
std::vector<FiledSecret> read_json_file(std::string_view text, const std::string& file);
detail::SecretBuffer write_yaml(std::span<const FiledSecret> secrets);
std::vector<FiledSecret> read_yaml(std::string_view text, const std::string& file);

/// Nothing: the text is no scope's name.
std::optional<Scope> scope_named(std::string_view text);

}  // namespace kist::cli
