// SPDX-License-Identifier: Apache-2.0
#include "config/store_layers.hpp"

#include <algorithm>
#include <utility>

#include <kist/error.hpp>

#include "text/printable.hpp"
#include "text/suggestion.hpp"

namespace kist::core {
namespace {

constexpr std::size_t kOptionNameBytesMax = 64;

constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_option_name(std::string_view name) {
  return !name.empty() && name.size() <= kOptionNameBytesMax && is_lower(name[0]) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

/// For a value that has no type of its own.
void put(StoreLayer& layer, std::string_view name, std::string_view text, const Origin& origin) {
  if (name == "type")
    layer.type = ConfiguredText{SecretValue(text), origin};
  else if (name == "class_path")
    layer.class_path = ConfiguredText{SecretValue(text), origin};
  else
    layer.options.push_back({std::string(name), OptionForm::text, SecretValue(text), origin});
}

StoreOption read_file_option(ReadContext& context, const JsonMember& member,
                             const std::string& path) {
  const Origin origin{Origin::Source::file, context.document.at(member.value.position), {}};
  switch (member.value.kind) {
    case JsonKind::string: {
      ConfiguredText value = context.text(member.value, path);
      const auto form = value.origin.interpolated() ? OptionForm::text : OptionForm::json_string;
      return {member.key, form, std::move(value.text), std::move(value.origin)};
    }
    case JsonKind::integer: {
      const std::string text = std::to_string(member.value.integer);
      return {member.key, OptionForm::json_integer, SecretValue(text), origin};
    }
    case JsonKind::boolean: {
      const std::string_view text = member.value.boolean ? "true" : "false";
      return {member.key, OptionForm::json_boolean, SecretValue(text), origin};
    }
    default:
      context.refuse(member.value.position,
                     in_quotes(path) + " must be a string, a whole number or a boolean, found " +
                         std::string(describe(member.value.kind)));
  }
}

}  // namespace

std::string variable_prefix(std::string_view section) {
  std::string prefix = "KIST_" + std::string(section) + "_";
  for (char& c : prefix) c = is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
  return prefix;
}

StoreLayer read_file_layer(ReadContext& context, const JsonNode& node, const std::string& section) {
  context.expect(node, JsonKind::object, section);
  StoreLayer layer;
  std::vector<std::string_view> names;
  for (const JsonMember& member : node.members) {
    const std::string path = section + "." + member.key;
    names.push_back(member.key);
    if (member.key == "type") {
      layer.type = context.text(member.value, path);
    } else if (member.key == "class_path") {
      layer.class_path = context.text(member.value, path);
    } else if (is_option_name(member.key)) {
      layer.options.push_back(read_file_option(context, member, path));
    } else {
      context.refuse(member.position,
                     in_quotes(member.key) + " in " + in_quotes(section) +
                         " cannot be the name of an option: these have 1 to 64 of a-z, 0-9 and "
                         "'_', and begin with a letter");
    }
  }
  if (!layer.type) {
    const auto guess = nearest("type", names);
    context.refuse(node.position,
                   in_quotes(section) + " needs the key 'type'" +
                       (guess ? "; is " + in_quotes(*guess) + " meant to be it?" : ""));
  }
  return layer;
}

StoreLayer read_environment_layer(const Environment& environment, std::string_view prefix) {
  StoreLayer layer;
  const Environment::Variables& variables = environment.variables();
  for (auto entry = variables.lower_bound(prefix);
       entry != variables.end() && entry->first.starts_with(prefix); ++entry) {
    const std::string_view suffix = std::string_view(entry->first).substr(prefix.size());
    const bool has_lower = std::any_of(suffix.begin(), suffix.end(), is_lower);
    const std::string name = lower_case(suffix);
    if (has_lower || !is_option_name(name)) {
      throw Error(ErrorCode::invalid_argument, "environment " + in_quotes(entry->first) +
                                                   ": behind " + std::string(prefix) +
                                                   " stands the name of an option in capitals");
    }
    put(layer, name, entry->second.reveal(),
        {Origin::Source::environment, "environment " + entry->first, {}});
  }
  return layer;
}

StoreLayer read_command_line_layer(std::span<const std::string_view> arguments) {
  StoreLayer layer;
  std::vector<std::string_view> names;
  for (const std::string_view argument : arguments) {
    const std::size_t equals = argument.find('=');
    if (equals == std::string_view::npos) {
      throw Error(ErrorCode::invalid_argument,
                  "command line: a store option is written NAME=VALUE, found no '='");
    }
    const std::string_view name = argument.substr(0, equals);
    if (!is_option_name(name)) {
      throw Error(ErrorCode::invalid_argument,
                  "command line: " + in_quotes(name) + " cannot be the name of a store option");
    }
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      throw Error(ErrorCode::invalid_argument,
                  "command line: the store option " + in_quotes(name) + " is given twice");
    }
    names.push_back(name);
    put(layer, name, argument.substr(equals + 1),
        {Origin::Source::command_line, "command line", {}});
  }
  return layer;
}

}  // namespace kist::core
