// SPDX-License-Identifier: Apache-2.0
#include "cli/import_report.hpp"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "cli/json_output.hpp"
#include "cli/standard_streams.hpp"
#include "cli/table.hpp"
#include "secrets/error_table.hpp"

namespace kist::cli {
namespace {

using core::ImportFinding;
using core::ImportResult;

struct Wording {
  ImportResult result;
  std::string_view for_people, for_programs;
};

constexpr Wording kWordings[] = {
    {ImportResult::importable, "to import", "importable"},
    {ImportResult::imported, "imported", "imported"},
    {ImportResult::present, "imported before", "present"},
    {ImportResult::left_out, "left out", "left_out"},
    {ImportResult::refused, "refused", "refused"},
};

const Wording& wording_of(ImportResult result) {
  return *std::ranges::find(kWordings, result, &Wording::result);
}

std::size_t opened_with(const ImportReport& report, std::size_t key) {
  return static_cast<std::size_t>(std::ranges::count(report.findings, key, &ImportFinding::key));
}

/// Whether the store has, or gets, a secret that only an owner could see who is not there.
bool is_out_of_sight(const ImportFinding& finding) {
  return finding.scope == Scope::user && !finding.owner_is_known &&
         finding.result != ImportResult::refused && finding.result != ImportResult::left_out;
}

std::string outcome(const ImportFinding& finding) {
  std::string text(wording_of(finding.result).for_people);
  if (!finding.reason.empty()) text += ": " + finding.reason;
  return text;
}

std::string summary(const ImportReport& report) {
  std::string text;
  for (const Wording& wording : kWordings) {
    const bool is_tense_of_other_run =
        wording.result == (report.dry_run ? ImportResult::imported : ImportResult::importable);
    if (is_tense_of_other_run) continue;
    text += (text.empty() ? "" : ", ") + std::to_string(report.count(wording.result)) + " " +
            std::string(wording.for_people);
  }
  text += "\n";
  for (std::size_t i = 0; i < report.keys.size(); ++i)
    text += std::to_string(opened_with(report, i)) + " decrypted with " + report.keys[i] + "\n";
  const auto hidden = std::ranges::count_if(report.findings, is_out_of_sight);
  if (hidden > 0)
    text += std::to_string(hidden) +
            " of user scope will be seen by nobody until their owners' ids are principals of the "
            "configuration\n";
  if (report.dry_run) text += "Nothing was imported. To import, repeat the command with --yes.\n";
  return text;
}

void write_table(const ImportReport& report) {
  Table table({"NAME", "SCOPE", "WORKSPACE", "OWNER", "ID", "RESULT"});
  for (const ImportFinding& finding : report.findings)
    table.row({finding.name, finding.scope ? std::string(to_string(*finding.scope)) : "",
               finding.workspace, finding.owner, finding.id, outcome(finding)});
  write_output(table.text() + summary(report));
}

boost::json::value text_or_null(const std::string& text) {
  return text.empty() ? boost::json::value(nullptr) : json_text(text);
}

boost::json::object finding_json(const ImportFinding& finding) {
  boost::json::object result{
      {"id", json_text(finding.id)},
      {"name", json_text(finding.name)},
      {"scope", finding.scope ? boost::json::value(to_string(*finding.scope)) : nullptr},
      {"workspace", text_or_null(finding.workspace)},
      {"owner", text_or_null(finding.owner)},
      {"owner_is_known", finding.owner_is_known},
      {"result", wording_of(finding.result).for_programs}};
  if (!finding.reason.empty()) result["reason"] = json_text(finding.reason);
  if (finding.result == ImportResult::refused) result["code"] = to_string(finding.code);
  return result;
}

void write_document(const ImportReport& report) {
  boost::json::array secrets, keys;
  for (const ImportFinding& finding : report.findings) secrets.push_back(finding_json(finding));
  for (std::size_t i = 0; i < report.keys.size(); ++i)
    keys.push_back({{"from", json_text(report.keys[i])}, {"decrypted", opened_with(report, i)}});
  boost::json::object counts;
  for (const Wording& wording : kWordings)
    counts[wording.for_programs] = report.count(wording.result);
  write_json({{"dry_run", report.dry_run},
              {"counts", std::move(counts)},
              {"keys", std::move(keys)},
              {"secrets", std::move(secrets)}});
}

}  // namespace

std::size_t ImportReport::count(ImportResult result) const {
  return static_cast<std::size_t>(std::ranges::count(findings, result, &ImportFinding::result));
}

int ImportReport::exit_code() const {
  const auto refused = std::ranges::find(findings, ImportResult::refused, &ImportFinding::result);
  return refused == findings.end() ? 0 : core::error_row(refused->code).exit_code;
}

void write_report(const Session& session, const ImportReport& report) {
  if (session.json())
    write_document(report);
  else
    write_table(report);
}

}  // namespace kist::cli
