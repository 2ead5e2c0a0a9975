// SPDX-License-Identifier: Apache-2.0
#include "secrets/list_request.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "secrets/filter_expression.hpp"
#include "secrets/invalid_parameter.hpp"
#include "text/printable.hpp"

namespace kist::core {
namespace {

constexpr Field kFilterFields[] = {Field::id,           Field::name,    Field::scope,
                                   Field::workspace_id, Field::user_id, Field::created,
                                   Field::updated};
constexpr Field kSortFields[] = {Field::id,           Field::name,    Field::scope,
                                 Field::workspace_id, Field::user_id, Field::created,
                                 Field::updated,      Field::revision};

InvalidParameter refusal(const ListParameter& parameter, const std::string& fault,
                         std::vector<std::string> allowed) {
  return {"parameter '" + parameter.name + "': " + in_quotes(parameter.value) + " " + fault,
          FieldError{parameter.name, printable(parameter.value), std::move(allowed)}};
}

/// Digits alone, as a machine writes them: no sign, no space, no exponent.
std::uint64_t read_number(const ListParameter& parameter, std::uint64_t most) {
  const std::string& text = parameter.value;
  const char* const end = text.data() + text.size();
  std::uint64_t number = 0;
  const auto [stop, failure] = std::from_chars(text.data(), end, number);
  if (failure != std::errc() || stop != end || number < 1 || number > most) {
    const std::string range = "1 to " + std::to_string(most);
    throw refusal(parameter, "is not a whole number from " + range, {range});
  }
  return number;
}

bool read_match_any(const ListParameter& parameter) {
  if (parameter.value == "or") return true;
  if (parameter.value == "and") return false;
  throw refusal(parameter, "is no logical operator; allowed: and, or", {"and", "or"});
}

void read_sort(const ListParameter& parameter, ListRequest& request) {
  std::string_view name = parameter.value;
  bool descending = false;
  if (name.starts_with("asc:")) {
    name.remove_prefix(4);
  } else if (name.starts_with("desc:")) {
    name.remove_prefix(5);
    descending = true;
  }
  const auto* const found = std::find_if(std::begin(kSortFields), std::end(kSortFields),
                                         [&](Field field) { return field_name(field) == name; });
  if (found == std::end(kSortFields)) {
    std::vector<std::string> allowed;
    std::string list;
    for (const Field field : kSortFields) {
      allowed.emplace_back(field_name(field));
      list += (list.empty() ? "" : ", ") + allowed.back();
    }
    throw refusal(parameter, "is no order; expected [asc:|desc:]FIELD with one of " + list,
                  std::move(allowed));
  }
  request.sort = *found;
  request.descending = descending;
}

/// True if the parameter is a filter.
bool read_filter(const ListParameter& parameter, ListRequest& request) {
  for (const Field field : kFilterFields) {
    if (field_name(field) != parameter.name) continue;
    if (request.conditions.size() == kMaxConditions)
      throw refusal(parameter,
                    "is one filter too many; expected at most " + std::to_string(kMaxConditions),
                    {});
    request.conditions.push_back(parse_condition(field, parameter.value));
    return true;
  }
  return false;
}

}  // namespace

bool read_boolean(const ListParameter& parameter) {
  std::string text = parameter.value;
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (text == "true" || text == "1" || text == "yes" || text == "on") return true;
  if (text == "false" || text == "0" || text == "no" || text == "off") return false;
  throw refusal(parameter, "is neither true nor false", {"true", "false"});
}

ListRequest parse_list_request(std::span<const ListParameter> parameters) {
  ListRequest request;
  std::vector<std::string_view> seen;
  const auto is = [&](const ListParameter& parameter, std::string_view name) {
    if (parameter.name != name) return false;
    if (std::find(seen.begin(), seen.end(), name) != seen.end())
      throw refusal(parameter, "is given a second time; expected one", {});
    seen.push_back(name);
    return true;
  };
  const ListParameter* page = nullptr;
  for (const ListParameter& parameter : parameters) {
    if (read_filter(parameter, request)) continue;
    if (is(parameter, "logical_operator")) request.match_any = read_match_any(parameter);
    if (is(parameter, "sort_by")) read_sort(parameter, request);
    if (is(parameter, "size")) request.size = read_number(parameter, kMaxPageSize);
    if (is(parameter, "cursor")) request.cursor = parameter.value;
    if (is(parameter, "with_total")) request.with_total = read_boolean(parameter);
    if (is(parameter, "page")) {
      request.page = read_number(parameter, kMaxPage);
      page = &parameter;
    }
  }
  if (page != nullptr && request.cursor)
    throw refusal(*page, "cannot be combined with 'cursor'; give one of them", {});
  return request;
}

}  // namespace kist::core
