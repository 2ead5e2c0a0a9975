// SPDX-License-Identifier: Apache-2.0
#include "cli/server_view.hpp"

#include <algorithm>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "cli/json_output.hpp"
#include "cli/standard_streams.hpp"
#include "cli/table.hpp"
#include "client/server.hpp"

namespace kist::cli {
namespace {

namespace json = boost::json;

/// How a key ends that has a unit, and how people write it.
struct Unit {
  std::string_view ending, shown;
};
constexpr Unit kUnits[] = {{"_us", " (µs)"}, {"_ms", " (ms)"}};

/// "max_keys" → "MAX KEYS", "round_trip_us" → "ROUND TRIP (µs)".
std::string heading(std::string_view key) {
  std::string_view unit;
  for (const Unit& known : kUnits) {
    if (!key.ends_with(known.ending)) continue;
    key.remove_suffix(known.ending.size());
    unit = known.shown;
    break;
  }
  std::string text(key);
  std::ranges::transform(text, text.begin(), [](char c) {
    return c == '_' ? ' ' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text.append(unit);
}

std::string cell(const json::value& value) {
  if (const json::string* const text = value.if_string()) return {text->data(), text->size()};
  if (value.is_null()) return "";
  std::string joined;
  if (const json::array* const list = value.if_array()) {
    for (const json::value& item : *list) joined += (joined.empty() ? "" : ", ") + cell(item);
    return joined.empty() ? "none" : joined;
  }
  if (const json::object* const object = value.if_object()) {
    for (const auto& [key, item] : *object)
      joined += (joined.empty() ? "" : ", ") + std::string(key) + " " + cell(item);
    return joined.empty() ? "none" : joined;
  }
  return json::serialize(value);
}

bool is_list_of_objects(const json::value& value) {
  const json::array* const list = value.if_array();
  return list != nullptr && !list->empty() && std::ranges::all_of(*list, &json::value::is_object);
}

/// A column for each key that any of them has.
std::string list_text(const json::array& list) {
  std::vector<std::string> keys, headings;
  for (const json::value& item : list) {
    for (const auto& [key, value] : item.get_object()) {
      if (std::ranges::find(keys, std::string_view(key.data(), key.size())) != keys.end()) continue;
      keys.emplace_back(key);
      headings.push_back(heading(keys.back()));
    }
  }
  Table table(std::move(headings));
  for (const json::value& item : list) {
    std::vector<std::string> cells;
    for (const std::string& key : keys) {
      const json::value* const value = item.get_object().if_contains(key);
      cells.push_back(value == nullptr ? "" : cell(*value));
    }
    table.row(std::move(cells));
  }
  return table.text();
}

}  // namespace

std::string tables_of(const json::value& document) {
  if (!document.is_object()) return cell(document) + "\n";
  Table fields;
  std::string lists;
  bool has_fields = false;
  for (const auto& [key, value] : document.get_object()) {
    if (is_list_of_objects(value)) {
      lists += "\n" + list_text(value.get_array());
      continue;
    }
    fields.row({heading({key.data(), key.size()}), cell(value)});
    has_fields = true;
  }
  if (!has_fields && !lists.empty()) return lists.substr(1);
  return fields.text() + lists;
}

int show_of_server(Session& session, const std::string& path) {
  client::Server server(session.server->clone());
  InterruptibleCall call(session.interrupts, session.timeout);
  const json::value document = server.get(*call, std::string(client::kApiPath) + path);
  if (session.json())
    write_json(document);
  else
    write_output(tables_of(document));
  return 0;
}

}  // namespace kist::cli
