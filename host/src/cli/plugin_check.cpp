// SPDX-License-Identifier: Apache-2.0
#include "cli/plugin_check.hpp"

#include <algorithm>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "cli/json_output.hpp"
#include "cli/table.hpp"
#include "text/printable.hpp"

namespace kist::cli {
namespace {

struct StaticRule {
  std::string_view rule, text;
  std::string_view reason;  ///< Why it may be passed over.
};

constexpr std::string_view kUnreadable = "what it is about cannot be read";
constexpr StaticRule kStaticRules[] = {
    {"KP-1", "exports the function 'kist_plugin_v1' and nothing else", kUnreadable},
    {"KP-18", "takes at most 64 bytes of static thread-local storage", kUnreadable},
    {"KP-19", "nobody but root and this user can change the file",
     "give --installed for a file that lies where it will be loaded from"},
    {"KP-20", "a whole shared object for this machine", kUnreadable},
    {"KP-21", "no memory is both writable and executable", kUnreadable},
    {"KP-22", "needs only libraries that a host allows, and none by a path of its own",
     kUnreadable},
    {"KP-23", "has one manifest, which parses", kUnreadable},
    {"KP-24", "is built for this host's ABI", kUnreadable},
    {"KP-25", "has the SHA-256 that the configuration pins",
     "the configuration pins nothing of this file"}};

std::vector<core::Finding> findings_of(std::string_view rule,
                                       const std::vector<core::Finding>& all) {
  std::vector<core::Finding> some;
  std::ranges::copy_if(all, std::back_inserter(some),
                       [&](const core::Finding& finding) { return finding.rule == rule; });
  return some;
}

CheckedRule checked_rule(const StaticRule& rule, const PluginInspection& inspection) {
  CheckedRule result{.rule = rule.rule, .text = rule.text, .findings = {}};
  result.findings = findings_of(rule.rule, inspection.refusals);
  if (!result.findings.empty()) {
    result.verdict = CheckVerdict::broken;
    return result;
  }
  result.findings = findings_of(rule.rule, inspection.warnings);
  if (!result.findings.empty()) {
    result.verdict = CheckVerdict::warning;
  } else if (std::ranges::find(inspection.judged, rule.rule) == inspection.judged.end()) {
    result.verdict = CheckVerdict::not_judged;
    result.text = rule.reason;
  }
  return result;
}

bool has(const CheckedFile& file, CheckVerdict verdict) {
  return std::ranges::any_of(file.rules,
                             [&](const CheckedRule& rule) { return rule.verdict == verdict; });
}

std::string title(const CheckedFile& file) {
  std::string text = core::printable(file.name, 4096);
  if (!file.inspection.manifest) return text;
  const core::Manifest& manifest = *file.inspection.manifest;
  text += ": " + core::printable(manifest.id) + " " + core::printable(manifest.version);
  for (const core::StoreTypeManifest& store : manifest.stores)
    text +=
        (&store == &manifest.stores.front() ? ", store type " : ", ") + core::printable(store.type);
  return text;
}

std::string rules_table(const CheckedFile& file) {
  Table table({"RULE", "VERDICT", ""});
  for (const CheckedRule& rule : file.rules) {
    const std::string verdict(to_string(rule.verdict));
    if (rule.findings.empty()) table.row({std::string(rule.rule), verdict, std::string(rule.text)});
    for (const core::Finding& finding : rule.findings)
      table.row(
          {std::string(rule.rule), verdict, finding.found + "; expected " + finding.expected});
  }
  return table.text();
}

std::string_view state_of(const CheckedFile& file) {
  if (has(file, CheckVerdict::broken)) return "refused";
  return has(file, CheckVerdict::warning) ? "warned" : "good";
}

std::string summary(const std::vector<CheckedFile>& files) {
  const auto count = [&](std::string_view state) {
    return std::to_string(std::ranges::count(files, state, state_of));
  };
  return std::to_string(files.size()) + (files.size() == 1 ? " file: " : " files: ") +
         count("good") + " good, " + count("warned") + " with warnings, " + count("refused") +
         " that a host refuses\n";
}

boost::json::object rule_json(const CheckedRule& rule) {
  boost::json::array findings;
  for (const core::Finding& finding : rule.findings)
    findings.push_back(
        {{"found", json_text(finding.found)}, {"expected", json_text(finding.expected)}});
  return {{"rule", rule.rule},
          {"verdict", to_string(rule.verdict)},
          {"text", rule.text},
          {"findings", std::move(findings)}};
}

boost::json::object file_json(const CheckedFile& file) {
  boost::json::array rules;
  for (const CheckedRule& rule : file.rules) rules.push_back(rule_json(rule));
  boost::json::object result{{"path", json_text(file.inspection.path.native())},
                             {"state", state_of(file)},
                             {"rules", std::move(rules)}};
  if (!file.inspection.sha256.empty()) result["sha256"] = file.inspection.sha256;
  if (!file.inspection.manifest) return result;
  const core::Manifest& manifest = *file.inspection.manifest;
  boost::json::array types;
  for (const core::StoreTypeManifest& store : manifest.stores) types.emplace_back(store.type);
  result["id"] = manifest.id;
  result["version"] = json_text(manifest.version);
  result["types"] = std::move(types);
  return result;
}

}  // namespace

std::string_view to_string(CheckVerdict verdict) {
  switch (verdict) {
    case CheckVerdict::warning:
      return "warning";
    case CheckVerdict::broken:
      return "broken";
    case CheckVerdict::not_judged:
      return "not judged";
    case CheckVerdict::holds:
      break;
  }
  return "holds";
}

std::vector<CheckedRule> checked_rules(const PluginInspection& inspection) {
  std::vector<CheckedRule> result;
  for (const StaticRule& rule : kStaticRules) result.push_back(checked_rule(rule, inspection));
  return result;
}

std::string check_text(const std::vector<CheckedFile>& files) {
  std::string text;
  for (const CheckedFile& file : files) text += title(file) + "\n" + rules_table(file) + "\n";
  return text + summary(files);
}

boost::json::value check_document(const std::vector<CheckedFile>& files) {
  boost::json::array documents;
  for (const CheckedFile& file : files) documents.push_back(file_json(file));
  return {{"files", std::move(documents)}};
}

}  // namespace kist::cli
