// SPDX-License-Identifier: Apache-2.0
#include "cli/key_listing.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "cli/json_output.hpp"
#include "cli/keyring_place.hpp"
#include "cli/open_host.hpp"
#include "cli/progress.hpp"
#include "cli/standard_streams.hpp"
#include "cli/table.hpp"
#include "cli/times.hpp"
#include "sealing/key_checks.hpp"
#include "sealing/key_usage.hpp"
#include "sealing/keyring_file.hpp"
#include "secrets/error_table.hpp"

namespace kist::cli {
namespace {

struct KeyRow {
  std::string id;
  bool current = false;
  std::string source = {}, fingerprint = {};
  std::optional<Timestamp> creation = {};
  std::string problem = {};  ///< Empty: it opens and seals.
  std::uint64_t values = 0;

  std::string state() const { return problem.empty() ? "ok" : problem; }
};

std::string problem_of(const core::KeyringKey& key, const core::Deployment& deployment) {
  if (key.kek == nullptr) return key.problem;
  try {
    core::check_key(key, deployment);
  } catch (const Error& error) {
    return std::string(error.message());
  }
  return {};
}

/// When the keys of the file were made, by id.
std::map<std::string, Timestamp> creation_times(const KeyringPlace& place) {
  std::map<std::string, Timestamp> times;
  if (!place.file) return times;
  const auto lines = core::read_keyring_file(*place.file);
  if (!lines) return times;
  for (const core::KeyLine& line : *lines) {
    if (line.creation) times.emplace(*line.id, *line.creation);
  }
  return times;
}

std::vector<KeyRow> rows_of(const KeyringPlace& place, const core::Keyring& keyring) {
  const auto times = creation_times(place);
  std::vector<KeyRow> rows;
  for (const core::KeyringKey& key : keyring.keys()) {
    KeyRow row{.id = key.id, .current = &key == &keyring.current()};
    row.source = key.source;
    row.fingerprint = key.fingerprint;
    row.problem = problem_of(key, place.deployment);
    if (const auto found = times.find(key.id); found != times.end()) row.creation = found->second;
    rows.push_back(std::move(row));
  }
  return rows;
}

core::KeyUsage count_usage(Session& session) {
  OpenHost host(session);
  if (!host.plugin()) throw no_store();
  Progress progress(session);
  return core::key_usage(
      host.raw_store(), interruptible_calls(session.interrupts, session.timeout),
      [&](std::uint64_t scanned, std::uint64_t total) {
        progress.show({scanned, total});
      },
      [&](const Error& error) {
        progress.warn(std::string(to_string(error.code)) + ": " + std::string(error.message()));
      });
}

void add_usage(std::vector<KeyRow>& rows, const core::KeyUsage& usage) {
  for (KeyRow& row : rows) row.values = usage.under(row.id);
  for (const auto& [id, values] : usage.values) {
    if (std::ranges::find(rows, id, &KeyRow::id) != rows.end()) continue;
    rows.push_back(
        {.id = id, .problem = "not in the keyring: its values do not open", .values = values});
  }
}

std::string counted(std::uint64_t count, const std::string& thing, const std::string& end) {
  if (count == 0) return {};
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s") + " " + end + "\n";
}

void write_table(const std::vector<KeyRow>& rows, const std::optional<core::KeyUsage>& usage) {
  std::vector<std::string> headings{"ID", "CURRENT", "SOURCE", "FINGERPRINT", "CREATED"};
  if (usage) headings.emplace_back("VALUES");
  headings.emplace_back("STATE");
  Table table(std::move(headings));
  for (const KeyRow& row : rows) {
    std::vector<std::string> cells{row.id, row.current ? "yes" : "", row.source, row.fingerprint,
                                   row.creation ? time_for_people(*row.creation) : ""};
    if (usage) cells.push_back(std::to_string(row.values));
    cells.push_back(row.state());
    table.row(std::move(cells));
  }
  std::string text = table.text();
  if (usage)
    text += counted(usage->unsealed_values, "value", "never sealed") +
            counted(usage->damaged_values, "value", "with a damaged envelope") +
            counted(usage->unreadable_secrets, "secret",
                    "that the store cannot read: what is under its keys is not in VALUES");
  write_output(text);
}

boost::json::value text_or_null(const std::string& text) {
  return text.empty() ? boost::json::value(nullptr) : json_text(text);
}

void write_document(const std::vector<KeyRow>& rows, const std::optional<core::KeyUsage>& usage) {
  boost::json::array keys;
  for (const KeyRow& row : rows) {
    boost::json::object key{
        {"id", row.id},
        {"current", row.current},
        {"source", text_or_null(row.source)},
        {"fingerprint", text_or_null(row.fingerprint)},
        {"created", row.creation ? boost::json::value(time_for_programs(*row.creation))
                                 : boost::json::value(nullptr)},
        {"state", json_text(row.state())}};
    if (usage) key["values"] = row.values;
    keys.push_back(std::move(key));
  }
  boost::json::object document{{"keys", std::move(keys)}};
  if (usage) {
    document["unsealed_values"] = usage->unsealed_values;
    document["damaged_values"] = usage->damaged_values;
    document["unreadable_secrets"] = usage->unreadable_secrets;
    document["complete"] = usage->unreadable_secrets == 0;
  }
  write_json(document);
}

}  // namespace

int list_keys(Session& session, const Arguments& arguments) {
  std::optional<core::KeyUsage> usage;
  if (arguments.has("usage")) usage = count_usage(session);  // May make the keyring.
  const KeyringPlace place = find_keyring(session);
  if (!usage) {  // Else it has been said.
    for (const std::string& warning : secrets_warnings(place.loaded)) session.warn(warning);
  }
  warn_if_not_sealed(session, place);
  if (place.is_to_be_made() && !place.has_no_keys())
    throw Error(ErrorCode::failed_precondition,
                core::describe_keyring_file(*place.file) +
                    " does not exist yet; it is made when the store is opened for the first time, "
                    "or by 'kist keys init'");
  std::vector<KeyRow> rows;
  if (!place.has_no_keys())
    rows = rows_of(place,
                   core::open_keyring(place.settings(), session.environment, place.use).keyring);
  if (usage) add_usage(rows, *usage);
  if (session.json())
    write_document(rows, usage);
  else
    write_table(rows, usage);
  if (usage && usage->unreadable_secrets > 0) return core::error_row(ErrorCode::corrupt).exit_code;
  return 0;
}

}  // namespace kist::cli
