// SPDX-License-Identifier: Apache-2.0
#include "config/sealing_settings.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "config/configuration_sections.hpp"
#include "sealing/keyring.hpp"
#include "text/printable.hpp"
#include "text/suggestion.hpp"

namespace kist::core {
namespace {

constexpr std::string_view kAutomatic = "auto";
constexpr std::string_view kSources[] = {"file", "environment", "command", "credential", "pkcs11"};

void refuse_bad_id(const SectionReader& section, std::string_view key, const std::string& id) {
  if (!is_key_id(id))
    section.refuse(key, in_quotes(section.path_of(key)) +
                            " must be a key id of 1 to 64 of the characters a-z A-Z 0-9 . _ -");
}

KeyCommand read_command(ReadContext& context, SectionReader& key) {
  KeyCommand command;
  key.each("command", [&](const JsonNode& element, const std::string& path) {
    std::string argument = read_plain_text(context, element, path);
    if (command.arguments.empty() && !argument.starts_with('/'))
      context.refuse(element.position, in_quotes(path) + " must be an absolute path: it is run");
    command.arguments.push_back(std::move(argument));
  });
  if (command.arguments.empty())
    key.refuse("command", in_quotes(key.path_of("command")) + " must name a program");
  return command;
}

/// systemd takes no credential with such a name either (systemd.exec(5)).
KeyCredential read_credential(SectionReader& key) {
  std::string name = *key.text("credential");
  if (name.find('/') != std::string::npos || name == "." || name == "..")
    key.refuse("credential",
               in_quotes(key.path_of("credential")) + " must be the name of a file without '/'");
  return {std::move(name)};
}

KeyVariable read_variable(SectionReader& key) {
  std::string name = *key.text("environment");
  if (name.find('=') != std::string::npos)
    key.refuse("environment", in_quotes(key.path_of("environment")) +
                                  " must be the name of a variable, without '='");
  return {std::move(name)};
}

Pkcs11Settings read_pkcs11(ReadContext& context, const JsonNode& node, const std::string& path) {
  constexpr std::string_view keys[] = {"module", "token", "label", "pin"};
  SectionReader section(context, node, path, keys);
  Pkcs11Settings settings;
  settings.module = section.required_text("module");
  if (!settings.module.is_absolute())
    section.refuse("module", in_quotes(section.path_of("module")) +
                                 " must be an absolute path: code is loaded from there");
  settings.token = section.required_text("token");
  settings.label = section.required_text("label");
  if (!section.has("pin")) section.refuse("pin", in_quotes(path) + " needs the key 'pin'");
  settings.pin = std::move(*section.secret("pin"));
  return settings;
}

KeySource read_source(ReadContext& context, SectionReader& key, const std::string& path) {
  std::vector<std::string_view> given;
  std::ranges::copy_if(kSources, std::back_inserter(given),
                       [&](std::string_view name) { return key.has(name); });
  if (given.empty())
    key.refuse("id", in_quotes(path) + " needs one of the keys " + joined(kSources));
  if (given.size() > 1)
    key.refuse(given[1], in_quotes(path) + " has " + in_quotes(given[0]) + " and " +
                             in_quotes(given[1]) + "; expected one of them");
  if (given[0] == "file") return KeyFile{*key.path("file")};
  if (given[0] == "environment") return read_variable(key);
  if (given[0] == "command") return read_command(context, key);
  if (given[0] == "credential") return read_credential(key);
  return read_pkcs11(context, *key.find("pkcs11"), key.path_of("pkcs11"));
}

SealingKeySettings read_key(ReadContext& context, const JsonNode& node, const std::string& path) {
  std::vector<std::string_view> keys = {"id"};
  keys.insert(keys.end(), std::begin(kSources), std::end(kSources));
  SectionReader key(context, node, path, keys);
  std::string id = key.required_text("id");
  refuse_bad_id(key, "id", id);
  return {std::move(id), context.document.at(node.position), read_source(context, key, path)};
}

std::optional<bool> read_enabled(ReadContext& context, const SectionReader& section) {
  const std::string path = section.path_of("enabled");
  const JsonNode* const enabled = section.find("enabled");
  const auto refuse = [&](const std::string& found) {
    section.refuse("enabled", in_quotes(path) + " must be true, false or \"auto\", found " + found);
  };
  if (enabled == nullptr) {
    context.note(path, kAutomatic, {});
    return std::nullopt;
  }
  if (enabled->kind == JsonKind::boolean) {
    context.note(path, enabled->boolean ? "true" : "false",
                 {Origin::Source::file, context.document.at(enabled->position), {}});
    return enabled->boolean;
  }
  if (enabled->kind != JsonKind::string) refuse(std::string(describe(enabled->kind)));
  const ConfiguredText word = context.text(*enabled, path);
  if (word.text.reveal() != kAutomatic)
    refuse(word.origin.interpolated() ? "what " + word.origin.references + " gives"
                                      : in_quotes(word.text.reveal()));
  context.note(path, kAutomatic, word.origin);
  return std::nullopt;
}

/// What a keyring file has is not known yet; without one all ids are.
void check_current(const SectionReader& section, const SealingSettings& sealing) {
  if (sealing.current) refuse_bad_id(section, "current", *sealing.current);
  if (sealing.keyring || sealing.keys.empty()) return;
  if (!sealing.current) {
    if (sealing.keys.size() == 1) return;
    section.refuse("keys", "'sealing.keys' has " + std::to_string(sealing.keys.size()) +
                               " keys; expected 'sealing.current', which says which of them seals");
  }
  std::vector<std::string_view> ids;
  for (const SealingKeySettings& key : sealing.keys) ids.push_back(key.id);
  if (std::ranges::find(ids, *sealing.current) == ids.end())
    section.refuse("current", "unknown key " + in_quotes(*sealing.current) +
                                  " for 'sealing.current'" + allowed_words(*sealing.current, ids));
}

}  // namespace

SealingSettings read_sealing(ReadContext& context, SectionReader& root) {
  SealingSettings sealing;
  const JsonNode* const node = root.find("sealing");
  if (node == nullptr) {
    context.note("sealing.enabled", kAutomatic, {});
    return sealing;
  }
  constexpr std::string_view keys[] = {"enabled", "keyring", "current", "keys"};
  SectionReader section(context, *node, "sealing", keys);
  sealing.enabled = read_enabled(context, section);
  sealing.keyring = section.path("keyring");
  sealing.current = section.text("current");
  section.each("keys", [&](const JsonNode& element, const std::string& path) {
    SealingKeySettings key = read_key(context, element, path);
    for (const SealingKeySettings& other : sealing.keys) {
      if (other.id == key.id)
        context.refuse(element.position,
                       in_quotes(path) + " has the same id as the key at " + other.place);
    }
    sealing.keys.push_back(std::move(key));
  });
  check_current(section, sealing);
  return sealing;
}

}  // namespace kist::core
