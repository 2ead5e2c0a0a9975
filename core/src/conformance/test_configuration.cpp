// SPDX-License-Identifier: Apache-2.0
#include "conformance/test_configuration.hpp"

#include <string_view>
#include <utility>

#include <kist/error.hpp>

#include "config/configuration_file.hpp"
#include "config/section_reader.hpp"
#include "conformance/rules.hpp"
#include "text/printable.hpp"
#include "text/suggestion.hpp"

namespace kist::core {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kStore = "secrets_store";
constexpr std::string_view kKeys[] = {kStore, "sealed", "multi_process", "damage_values", "quirks"};

std::map<std::string, std::string> read_quirks(ReadContext& context, SectionReader& root) {
  std::map<std::string, std::string> quirks;
  root.each_member("quirks", [&](const JsonMember& member, const std::string& path) {
    if (!is_rule(member.key.substr(0, member.key.find(':'))))
      context.refuse(member.position, path + ": there is no rule " + in_quotes(member.key) +
                                          allowed_words(member.key, all_rules()));
    quirks.emplace(member.key, read_plain_text(context, member.value, path));
  });
  return quirks;
}

std::optional<StoreSettings> read_store(ReadContext& context, SectionReader& root,
                                        const fs::path& working_directory) {
  const JsonNode* const node = root.find(kStore);
  if (node == nullptr) return std::nullopt;
  const Environment no_options;  // Those of a host that runs here too are not meant.
  auto store =
      read_store_settings({std::string(kStore), &context, node, no_options, {}, working_directory});
  if (store && store->class_path)
    throw Error(ErrorCode::invalid_argument,
                context.document.at(node->position) +
                    ": 'class_path' names a plugin, and the one to test stands on the command "
                    "line; expected 'type' alone");
  return store;
}

}  // namespace

TestConfiguration read_test_configuration(const fs::path& file, const Environment& environment,
                                          const fs::path& home) {
  Environment variables = environment;
  variables.set(kTestHomeVariable, home.native());
  variables.set(kTestNameVariable, home.filename().native());
  const fs::path working_directory = fs::current_path();
  const ConfigurationFile read =
      read_configuration_file({.path = file, .reason = "--config"}, working_directory);
  std::vector<Setting> settings;
  const FileReader read_file = read_regular_file;
  ReadContext context{read.document, {variables, read_file, read.directory}, settings};
  SectionReader root(context, read.document.root, "", kKeys);

  TestConfiguration configuration;
  configuration.store = read_store(context, root, working_directory);
  configuration.sealed = root.boolean("sealed").value_or(false);
  configuration.multi_process = root.boolean("multi_process").value_or(true);
  root.each("damage_values", [&](const JsonNode& node, const std::string& path) {
    configuration.damage_values.push_back(read_plain_text(context, node, path));
  });
  configuration.quirks = read_quirks(context, root);
  return configuration;
}

}  // namespace kist::core
