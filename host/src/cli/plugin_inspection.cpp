// SPDX-License-Identifier: Apache-2.0
#include "cli/plugin_inspection.hpp"

#include <elf.h>

#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "cli/json_output.hpp"
#include "cli/table.hpp"
#include "loader/elf_file.hpp"

namespace kist::cli {
namespace {

void read_libraries_and_exports(const core::PluginFile& file, PluginInspection& result) {
  try {
    const core::ElfFile elf(file.bytes());
    for (const std::string_view name : elf.dynamic_strings(DT_NEEDED))
      result.libraries.emplace_back(name);
    for (const core::ElfExport& symbol : elf.exports()) result.exports.emplace_back(symbol.name);
  } catch (const core::MalformedElf&) {
    // One of the refusals says so.
  }
}

/// The file's bytes, whether or not it may lie where it does; absent: not even a tool may read it.
std::optional<core::PluginFile> take_file(const std::filesystem::path& path, Place place,
                                          PluginInspection& result) {
  if (place == Place::installed) {
    result.judged.emplace_back("KP-19");
    try {
      return core::open_plugin_file(path.parent_path(), path.filename().native());
    } catch (const core::PluginRefused& refused) {
      result.refusals.push_back(refused.finding);
    }
  }
  try {
    return core::copy_plugin_file(path);
  } catch (const core::PluginRefused& refused) {
    if (result.refusals.empty()) result.refusals.push_back(refused.finding);
    return std::nullopt;
  }
}

void judge_pins(const core::PluginFile& file, const core::PluginPolicy& policy,
                PluginInspection& result) {
  std::vector<std::string> keys{result.path.filename().native()};
  if (result.manifest) keys.push_back(result.manifest->id);
  std::erase_if(keys, [&](const std::string& key) { return !policy.pins.contains(key); });
  if (keys.empty()) return;
  result.judged.emplace_back("KP-25");
  try {
    for (const std::string& key : keys) core::check_pin(file, key, policy);
  } catch (const core::PluginRefused& refused) {
    result.refusals.push_back(refused.finding);
  }
}

std::string kind_name(core::OptionKind kind) {
  switch (kind) {
    case core::OptionKind::integer:
      return "integer";
    case core::OptionKind::boolean:
      return "boolean";
    case core::OptionKind::path:
      return "path";
    case core::OptionKind::string:
      break;
  }
  return "string";
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text.empty() ? "none" : text;
}

std::string allowed(const core::OptionSchema& option) {
  if (!option.choices.empty()) return joined(option.choices);
  std::string text;
  if (option.min) text += "from " + std::to_string(*option.min);
  if (option.max)
    text += std::string(text.empty() ? "" : " ") + "to " + std::to_string(*option.max);
  return text.empty() ? "any" : text;
}

std::string default_of(const core::OptionSchema& option) {
  if (option.required) return "(required)";
  if (!option.default_text) return "-";
  return option.default_text->empty() ? "''" : *option.default_text;
}

void add_manifest_rows(Table& table, const core::Manifest& manifest) {
  table.row({"ID", manifest.id});
  table.row({"VERSION", manifest.version});
  table.row({"VENDOR", manifest.vendor});
  table.row({"LICENSE", manifest.license});
  table.row({"SUMMARY", manifest.summary});
  table.row({"ABI", std::to_string(manifest.abi_major) + "." + std::to_string(manifest.abi_minor)});
  table.row({"BUILD", manifest.arch + ", " + manifest.compiler + ", " + manifest.libc + ", SDK " +
                          manifest.sdk});
}

std::string store_text(const core::StoreTypeManifest& store) {
  Table table;
  table.row({"STORE TYPE", store.type});
  table.row({"SUMMARY", store.summary});
  table.row({"THREADING", store.threading});
  table.row({"CAPABILITIES", joined(store.capabilities)});
  if (store.max_secret_bytes)
    table.row({"LIMIT", std::to_string(*store.max_secret_bytes) + " bytes a secret"});
  std::string text = "\n" + table.text();
  if (store.options.empty()) return text;
  Table options({"OPTION", "KIND", "DEFAULT", "ALLOWED", "SECRET", "DESCRIPTION"});
  for (const core::OptionSchema& option : store.options)
    options.row({option.name, kind_name(option.kind), default_of(option), allowed(option),
                 option.secret ? "yes" : "no", option.description});
  return text + "\n" + options.text();
}

boost::json::object option_json(const core::OptionSchema& option) {
  boost::json::object result{{"name", option.name},
                             {"kind", kind_name(option.kind)},
                             {"required", option.required},
                             {"secret", option.secret},
                             {"description", json_text(option.description)}};
  if (option.default_text) result["default"] = json_text(*option.default_text);
  if (option.min) result["min"] = *option.min;
  if (option.max) result["max"] = *option.max;
  if (!option.choices.empty()) {
    auto& choices = result["choices"].emplace_array();
    for (const std::string& choice : option.choices) choices.push_back(json_text(choice));
  }
  return result;
}

boost::json::array texts_json(const std::vector<std::string>& texts) {
  boost::json::array result;
  for (const std::string& text : texts) result.push_back(json_text(text));
  return result;
}

boost::json::object store_json(const core::StoreTypeManifest& store) {
  boost::json::array options;
  for (const core::OptionSchema& option : store.options) options.push_back(option_json(option));
  boost::json::object result{{"type", store.type},
                             {"summary", json_text(store.summary)},
                             {"threading", store.threading},
                             {"capabilities", texts_json(store.capabilities)},
                             {"options", std::move(options)}};
  if (store.max_secret_bytes) result["max_secret_bytes"] = *store.max_secret_bytes;
  return result;
}

boost::json::object manifest_json(const core::Manifest& manifest) {
  boost::json::array stores;
  for (const core::StoreTypeManifest& store : manifest.stores) stores.push_back(store_json(store));
  return {{"id", manifest.id},
          {"version", json_text(manifest.version)},
          {"vendor", json_text(manifest.vendor)},
          {"license", json_text(manifest.license)},
          {"summary", json_text(manifest.summary)},
          {"abi", {{"major", manifest.abi_major}, {"minor", manifest.abi_minor}}},
          {"build",
           {{"arch", json_text(manifest.arch)},
            {"compiler", json_text(manifest.compiler)},
            {"libc", json_text(manifest.libc)},
            {"sdk", json_text(manifest.sdk)}}},
          {"stores", std::move(stores)}};
}

boost::json::array findings_json(const std::vector<core::Finding>& findings) {
  boost::json::array result;
  for (const core::Finding& finding : findings)
    result.push_back({{"rule", finding.rule},
                      {"found", json_text(finding.found)},
                      {"expected", json_text(finding.expected)}});
  return result;
}

}  // namespace

PluginInspection inspect_plugin(const std::filesystem::path& path, const core::PluginPolicy& policy,
                                Place place) {
  PluginInspection result;
  result.path = path;
  const std::optional<core::PluginFile> file = take_file(path, place, result);
  if (!file) return result;
  result.sha256 = file->sha256();
  core::CheckReport report = core::check_elf(file->bytes(), policy.elf);
  result.manifest = std::move(report.manifest);
  result.judged.insert(result.judged.end(), report.judged.begin(), report.judged.end());
  result.refusals.insert(result.refusals.end(), report.refusals.begin(), report.refusals.end());
  result.warnings = std::move(report.warnings);
  read_libraries_and_exports(*file, result);
  judge_pins(*file, policy, result);
  return result;
}

std::string inspection_text(const PluginInspection& inspection) {
  Table table;
  table.row({"FILE", inspection.path.native()});
  if (!inspection.sha256.empty()) table.row({"SHA-256", inspection.sha256});
  if (inspection.refusals.empty()) table.row({"STATE", "checked: it may be loaded"});
  for (const core::Finding& finding : inspection.refusals)
    table.row({"REFUSED", to_string(finding)});
  for (const core::Finding& finding : inspection.warnings)
    table.row({"WARNING", to_string(finding)});
  if (inspection.manifest) add_manifest_rows(table, *inspection.manifest);
  if (!inspection.sha256.empty()) {
    table.row({"LIBRARIES", joined(inspection.libraries)});
    table.row({"EXPORTS", joined(inspection.exports)});
  }
  std::string text = table.text();
  if (!inspection.manifest) return text;
  for (const core::StoreTypeManifest& store : inspection.manifest->stores)
    text += store_text(store);
  return text;
}

void write_inspection_json(const PluginInspection& inspection) {
  boost::json::object document{{"path", json_text(inspection.path.native())},
                               {"state", inspection.refusals.empty() ? "checked" : "refused"},
                               {"refusals", findings_json(inspection.refusals)},
                               {"warnings", findings_json(inspection.warnings)},
                               {"libraries", texts_json(inspection.libraries)},
                               {"exports", texts_json(inspection.exports)}};
  if (!inspection.sha256.empty()) document["sha256"] = inspection.sha256;
  if (inspection.manifest) document["manifest"] = manifest_json(*inspection.manifest);
  write_json(std::move(document));
}

}  // namespace kist::cli
