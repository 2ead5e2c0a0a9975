// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/store_settings.hpp"

namespace kist::core {

/// What one place says of one store.
struct StoreLayer {
  std::optional<ConfiguredText> type, class_path;
  std::vector<StoreOption> options;

  bool says_something() const { return type || class_path || !options.empty(); }
};

StoreLayer read_file_layer(ReadContext& context, const JsonNode& node, const std::string& section);
/// Looks at the variables whose names begin with `prefix`: "KIST_SECRETS_STORE_".
StoreLayer read_environment_layer(const Environment& environment, std::string_view prefix);
StoreLayer read_command_line_layer(std::span<const std::string_view> arguments);

/// "KIST_SECRETS_STORE_" for "secrets_store".
std::string variable_prefix(std::string_view section);

}  // namespace kist::core
