// SPDX-License-Identifier: Apache-2.0
#include "secrets/list_order.hpp"

#include <algorithm>
#include <compare>
#include <string>
#include <string_view>

namespace kist::core {
namespace {

bool is_known_scope(Scope scope) { return scope == Scope::workspace || scope == Scope::user; }

/// Values that no readable row has stand for what is not known.
bool is_known(Field field, const SecretMetadata& row) {
  if (row.readable) return true;
  switch (field) {
    case Field::id:
      return true;
    case Field::name:
      return !row.name.empty();
    case Field::scope:
      return is_known_scope(row.scope);
    case Field::workspace_id:
      return row.workspace_id != Uuid{};
    case Field::user_id:
      return row.user_id != Uuid{};
    case Field::created:
      return row.created != Timestamp{};
    case Field::updated:
      return row.updated != Timestamp{};
    case Field::revision:
      return row.revision != 0;
  }
  return false;
}

bool text_matches(const Condition& condition, std::string_view text) {
  if (condition.op == Operator::one_of)
    return std::find(condition.texts.begin(), condition.texts.end(), text) != condition.texts.end();
  if (condition.texts.empty()) return false;
  const std::string_view wanted = condition.texts.front();
  switch (condition.op) {
    case Operator::equals:
      return text == wanted;
    case Operator::not_equals:
      return text != wanted;
    case Operator::contains:
      return text.find(wanted) != std::string_view::npos;
    case Operator::starts_with:
      return text.starts_with(wanted);
    case Operator::ends_with:
      return text.ends_with(wanted);
    default:
      return false;
  }
}

bool time_matches(const Condition& condition, Timestamp time) {
  // The largest time is an open end: INT64_MAX means that in the ABI.
  const bool inside =
      condition.from <= time && (time < condition.until || condition.until == Timestamp::max());
  if (condition.op == Operator::in_range) return inside;
  return condition.op == Operator::not_in_range && !inside;
}

bool holds(const Condition& condition, const SecretMetadata& row) {
  if (!is_known(condition.field, row)) return false;
  switch (condition.field) {
    case Field::id:
      return text_matches(condition, row.id.to_hex());
    case Field::name:
      return text_matches(condition, row.name);
    case Field::scope:
      return text_matches(condition, to_string(row.scope));
    case Field::workspace_id:
      return text_matches(condition, row.workspace_id.to_hex());
    case Field::user_id:
      return text_matches(condition, row.user_id.to_hex());
    case Field::created:
      return time_matches(condition, row.created);
    case Field::updated:
      return time_matches(condition, row.updated);
    case Field::revision:
      return false;
  }
  return false;
}

bool is_visible(const Visibility& visible, const SecretMetadata& row) {
  if (visible.workspaces && (!is_known(Field::workspace_id, row) ||
                             std::find(visible.workspaces->begin(), visible.workspaces->end(),
                                       row.workspace_id) == visible.workspaces->end()))
    return false;
  return !visible.user_id || row.scope == Scope::workspace || row.user_id == *visible.user_id;
}

std::strong_ordering compare(Field field, const SecretMetadata& a, const SecretMetadata& b) {
  switch (field) {
    case Field::name:
      return a.name <=> b.name;
    case Field::scope:
      return to_string(a.scope) <=> to_string(b.scope);
    case Field::workspace_id:
      return a.workspace_id <=> b.workspace_id;
    case Field::user_id:
      return a.user_id <=> b.user_id;
    case Field::created:
      return a.created <=> b.created;
    case Field::updated:
      return a.updated <=> b.updated;
    case Field::revision:
      return a.revision <=> b.revision;
    case Field::id:
      return a.id <=> b.id;
  }
  return std::strong_ordering::equal;
}

}  // namespace

bool matches(const ListQuery& query, const SecretMetadata& row) {
  if (!is_visible(query.visible, row)) return false;
  if (query.conditions.empty()) return true;
  const auto fits = [&](const Condition& condition) { return holds(condition, row); };
  return query.match_any ? std::any_of(query.conditions.begin(), query.conditions.end(), fits)
                         : std::all_of(query.conditions.begin(), query.conditions.end(), fits);
}

bool comes_before(Field sort, bool descending, const SecretMetadata& a, const SecretMetadata& b) {
  const std::strong_ordering order = compare(sort, a, b);
  if (order != 0) return descending ? order > 0 : order < 0;
  return a.id < b.id;
}

}  // namespace kist::core
