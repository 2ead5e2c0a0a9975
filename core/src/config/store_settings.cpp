// SPDX-License-Identifier: Apache-2.0
#include "config/store_settings.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <kist/error.hpp>

#include "config/plain_text.hpp"
#include "config/store_layers.hpp"
#include "text/printable.hpp"

namespace kist::core {
namespace {

constexpr std::size_t kTypeBytesMax = 64;

[[noreturn]] void refuse(const Origin& origin, const std::string& message) {
  throw Error(ErrorCode::invalid_argument, origin.place + ": " + message);
}

bool is_type(std::string_view type) {
  return !type.empty() && type.size() <= kTypeBytesMax &&
         std::all_of(type.begin(), type.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
         });
}

std::string read_type(const StoreSettings& settings, const ConfiguredText& type) {
  const std::string_view text = type.text.reveal();
  if (!is_type(text)) {
    const std::string found = type.origin.interpolated() ? type.origin.references : in_quotes(text);
    refuse(type.origin, "the type of " + in_quotes(settings.section) +
                            " must be 1 to 64 of a-z, 0-9, '_' and '-', found " + found);
  }
  return std::string(text);
}

/// What ZenML asks of `class_path`, and that a store which is switched off has nothing to set.
void check_whole(const StoreSettings& settings) {
  const bool custom = settings.type == "custom";
  if (custom && !settings.class_path) {
    refuse(settings.type_origin,
           "the store type 'custom' needs 'class_path': a plugin's file, such as "
           "\"/usr/lib/kist/plugins/acme.so\", or its id, with an optional ':type' behind it");
  }
  if (settings.class_path && !custom) {
    refuse(settings.class_path_origin, "'class_path' belongs to the store type 'custom', and " +
                                           in_quotes(settings.section) + " has the type " +
                                           in_quotes(settings.type));
  }
  if (custom && (settings.class_path->empty() || !is_plain_text(*settings.class_path))) {
    refuse(settings.class_path_origin,
           "'class_path' must not be empty, and be UTF-8 without control characters");
  }
  if (settings.is_off() && !settings.options.empty()) {
    const StoreOption& option = settings.options.front();
    refuse(option.origin, "the option " + in_quotes(option.name) + " of " +
                              in_quotes(settings.section) +
                              " has no meaning beside the type 'none'");
  }
}

void merge(StoreSettings& settings, StoreLayer layer) {
  if (layer.type) {
    settings.type = read_type(settings, *layer.type);
    settings.type_origin = layer.type->origin;
  }
  if (layer.class_path) {
    settings.class_path = std::string(layer.class_path->text.reveal());
    settings.class_path_origin = layer.class_path->origin;
  }
  for (StoreOption& option : layer.options) {
    const auto place = std::lower_bound(
        settings.options.begin(), settings.options.end(), option.name,
        [](const StoreOption& other, const std::string& name) { return other.name < name; });
    if (place != settings.options.end() && place->name == option.name)
      *place = std::move(option);
    else
      settings.options.insert(place, std::move(option));
  }
}

/// For options that have nothing to be merged into.
[[noreturn]] void refuse_orphan(const StoreSources& sources, const StoreLayer& layer) {
  const bool is_option = !layer.options.empty();
  const Origin& origin = is_option ? layer.options.front().origin : layer.class_path->origin;
  const std::string name = is_option ? layer.options.front().name : "class_path";
  const bool variable = origin.source == Origin::Source::environment;
  const std::string prefix = variable_prefix(sources.section);
  const std::string subject =
      variable ? origin.place.substr(origin.place.find(' ') + 1) + " is set"
               : "command line: the store option " + in_quotes(name) + " is given";
  throw Error(ErrorCode::invalid_argument, subject + " but no store is configured: set " + prefix +
                                               "TYPE too, or give '" + sources.section +
                                               "' in the configuration file");
}

}  // namespace

const StoreOption* StoreSettings::option(std::string_view name) const {
  const auto found = std::find_if(options.begin(), options.end(),
                                  [&](const StoreOption& option) { return option.name == name; });
  return found == options.end() ? nullptr : &*found;
}

std::string StoreSettings::variable_of(std::string_view name) const {
  std::string variable = variable_prefix(section);
  for (const char c : name) {
    variable += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return variable;
}

std::optional<StoreSettings> read_store_settings(const StoreSources& sources) {
  std::array<StoreLayer, 2> above = {
      read_environment_layer(sources.environment, variable_prefix(sources.section)),
      read_command_line_layer(sources.arguments)};
  StoreSettings settings;
  settings.section = sources.section;
  settings.working_directory = sources.working_directory;
  if (sources.context != nullptr) settings.file_directory = sources.context->sources.directory;

  // Merging starts at the strongest place that names a type.
  std::size_t start = above[1].type ? 1 : 0;
  const bool file_is_replaced = above[0].type || above[1].type;
  if (file_is_replaced) {
    if (sources.node != nullptr) {
      sources.context->expect(*sources.node, JsonKind::object, sources.section);
    }
  } else if (sources.node != nullptr) {
    merge(settings, read_file_layer(*sources.context, *sources.node, sources.section));
  } else {
    for (const StoreLayer& layer : above) {
      if (layer.says_something()) refuse_orphan(sources, layer);
    }
    return std::nullopt;
  }
  for (; start < above.size(); ++start) merge(settings, std::move(above[start]));
  check_whole(settings);
  return settings;
}

}  // namespace kist::core
