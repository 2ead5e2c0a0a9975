// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/environment.hpp"
#include "config/origin.hpp"
#include "config/section_reader.hpp"

namespace kist::core {

/// How an option was written, which decides what it may stand for. `text` has no type of its own
/// (it came from a variable, the command line or a reference) and is converted; the others must fit
/// the schema.
enum class OptionForm : std::uint8_t { text, json_string, json_integer, json_boolean };

struct StoreOption {
  std::string name;
  OptionForm form = OptionForm::text;
  SecretValue text;
  Origin origin;
};

/// One store as the configuration names it: file, environment and command line merged, and checked
/// as far as that goes without the store type's manifest.
struct StoreSettings {
  std::string section;                    ///< "secrets_store" or "backup_secrets_store".
  std::string type;                       ///< `none`: switched off.
  std::optional<std::string> class_path;  ///< As written; for `custom`, and only there.
  std::vector<StoreOption> options;       ///< In the order of their names.
  Origin type_origin, class_path_origin;
  std::filesystem::path file_directory, working_directory;  ///< Where relative paths start.

  bool is_off() const { return type == "none"; }
  const StoreOption* option(std::string_view name) const;  ///< Null: it is not given.
  /// "KIST_SECRETS_STORE_PATH" for the option `path`.
  std::string variable_of(std::string_view name) const;
};

/// The three places that may describe one store, the later stronger. A place that names a `type`
/// replaces all before it; one that does not adds its options to what is there (ZenML's meaning).
struct StoreSources {
  std::string section;
  ReadContext* context;  ///< Of the file; null: there is no file.
  const JsonNode* node;  ///< The file's section; null: it has none.
  const Environment& environment;
  std::span<const std::string_view> arguments;  ///< `name=value`, of --store-option.
  std::filesystem::path working_directory;
};

/// Nothing: no place names a store. References in a section of the file that is replaced are not
/// resolved. Errors: invalid_argument, naming the place and what is allowed.
std::optional<StoreSettings> read_store_settings(const StoreSources& sources);

}  // namespace kist::core
