// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <kist/secret_value.hpp>

#include "config/origin.hpp"
#include "config/store_settings.hpp"
#include "loader/manifest.hpp"

namespace kist::core {

/// One option as the plugin gets it. The text has the form that kist_option.text asks for.
struct CheckedOption {
  std::string name;
  OptionKind kind = OptionKind::string;
  bool secret = false;
  SecretValue text;
  Origin origin;
};

struct CheckedOptions {
  std::string section;
  std::string type;  ///< As the configuration has it: `custom` stays `custom`.
  std::vector<CheckedOption>
      options;               ///< In the order of the manifest; those without text are left out.
  bool trace_calls = false;  ///< The host's own option: it logs each call into the store.
  Origin trace_calls_origin;
  std::vector<std::string> warnings;  ///< One sentence each, without a value.

  const CheckedOption* find(std::string_view name) const;  ///< Null: it has no text.
};

/// Checks a store's options against what its type declares, before any code of the plugin runs:
/// names, kinds, ranges, choices; fills in defaults; makes paths absolute, from the directory of
/// what names them. Errors: invalid_argument, naming the place, the option, what was found (never
/// of a secret one, nor what a reference gave) and what is allowed.
CheckedOptions check_store_options(const StoreSettings& settings,
                                   const StoreTypeManifest& manifest);

}  // namespace kist::core
