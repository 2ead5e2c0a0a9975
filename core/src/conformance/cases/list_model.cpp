// SPDX-License-Identifier: Apache-2.0
#include "list_model.hpp"

#include <algorithm>
#include <compare>

#include "samples.hpp"

namespace kist::conformance {
namespace {

std::string text_in(const SecretMetadata& row, Field field) {
  switch (field) {
    case Field::id:
      return row.id.to_hex();
    case Field::workspace_id:
      return row.workspace_id.to_hex();
    case Field::user_id:
      return row.user_id.to_hex();
    case Field::scope:
      return std::string(to_string(row.scope));
    default:
      return row.name;
  }
}

bool is_time(Field field) { return field == Field::created || field == Field::updated; }

bool holds(const Condition& condition, const SecretMetadata& row) {
  if (is_time(condition.field)) {
    const Timestamp time = condition.field == Field::created ? row.created : row.updated;
    const bool in_range = condition.from <= time && time < condition.until;
    return in_range == (condition.op == Operator::in_range);
  }
  const std::string text = text_in(row, condition.field);
  const auto& texts = condition.texts;
  switch (condition.op) {
    case Operator::equals:
      return text == texts[0];
    case Operator::not_equals:
      return text != texts[0];
    case Operator::contains:
      return text.find(texts[0]) != std::string::npos;
    case Operator::starts_with:
      return text.starts_with(texts[0]);
    case Operator::ends_with:
      return text.ends_with(texts[0]);
    default:
      return std::find(texts.begin(), texts.end(), text) != texts.end();
  }
}

bool fits(const ListQuery& query, const SecretMetadata& row) {
  const auto& [workspaces, user] = query.visible;
  if (workspaces && std::ranges::count(*workspaces, row.workspace_id) == 0) return false;
  if (user && row.scope != Scope::workspace && row.user_id != *user) return false;
  const auto held = [&](const Condition& condition) { return holds(condition, row); };
  if (query.conditions.empty()) return true;
  return query.match_any ? std::ranges::any_of(query.conditions, held)
                         : std::ranges::all_of(query.conditions, held);
}

std::strong_ordering by_field(const SecretMetadata& a, const SecretMetadata& b, Field field) {
  switch (field) {
    case Field::created:
      return a.created <=> b.created;
    case Field::updated:
      return a.updated <=> b.updated;
    case Field::revision:
      return a.revision <=> b.revision;
    default:
      return text_in(a, field) <=> text_in(b, field);
  }
}

bool precedes(const ListQuery& query, const SecretMetadata& a, const SecretMetadata& b) {
  const auto order = by_field(a, b, query.sort);
  if (order != 0) return query.descending ? order > 0 : order < 0;
  return a.id < b.id;
}

}  // namespace

ModelListing model_list(const std::vector<SecretMetadata>& all, const ListQuery& query) {
  ModelListing result;
  for (const SecretMetadata& row : all) {
    if (fits(query, row)) result.rows.push_back(row);
  }
  result.total = result.rows.size();
  const auto before = [&](const auto& a, const auto& b) { return precedes(query, a, b); };
  std::sort(result.rows.begin(), result.rows.end(), before);
  if (query.after) {
    std::erase_if(result.rows, [&](const auto& row) { return !before(*query.after, row); });
  }
  const auto offset = std::min<std::uint64_t>(query.offset, result.rows.size());
  result.rows.erase(result.rows.begin(), result.rows.begin() + static_cast<std::ptrdiff_t>(offset));
  if (query.limit < result.rows.size()) result.rows.resize(query.limit);
  return result;
}

Secret RandomLists::secret(std::size_t number) {
  static constexpr std::string_view pieces[] = {"a", "A", "b", "%", "_", "\\", "'", "\u00e9"};
  std::string name;
  for (std::uint64_t i = 0; i <= below(4); ++i) name += pieces[below(std::size(pieces))];
  Secret secret = secret_named(name + "-" + std::to_string(number));
  if (one_in(2)) secret.scope = Scope::user;
  secret.workspace_id = numbered_id(1 + below(3));
  secret.user_id = numbered_id(1 + below(3));
  secret.created = at(static_cast<std::int64_t>(below(4)) * 500'000);
  secret.updated = at(static_cast<std::int64_t>(below(4)) * 500'000);
  return secret;
}

std::string RandomLists::text_for(const std::vector<SecretMetadata>& all, Field field) {
  const std::string text = text_in(all[below(all.size())], field);
  if (one_in(2)) return text;
  if (one_in(8)) return "";
  const std::size_t first = below(text.size());
  return text.substr(first, 1 + below(text.size() - first));
}

Condition RandomLists::condition(const std::vector<SecretMetadata>& all) {
  Condition condition;
  condition.field = static_cast<Field>(KIST_FIELD_ID + below(KIST_FIELD_UPDATED));
  if (is_time(condition.field)) {
    condition.op = one_in(2) ? Operator::in_range : Operator::not_in_range;
    if (!one_in(3)) condition.from = at(static_cast<std::int64_t>(below(5)) * 500'000);
    if (!one_in(3)) condition.until = at(static_cast<std::int64_t>(below(5)) * 500'000);
    return condition;
  }
  condition.op = static_cast<Operator>(KIST_OP_EQUALS + below(KIST_OP_ONE_OF));
  const std::uint64_t count = condition.op == Operator::one_of ? below(4) : 1;
  for (std::uint64_t i = 0; i < count; ++i) {
    condition.texts.push_back(text_for(all, condition.field));
  }
  return condition;
}

ListQuery RandomLists::query(const std::vector<SecretMetadata>& all) {
  ListQuery query;
  if (one_in(2)) {
    auto& workspaces = query.visible.workspaces.emplace();
    for (std::uint64_t i = 1; i <= 3; ++i) {
      if (one_in(2)) workspaces.push_back(numbered_id(i));
    }
  }
  if (one_in(2)) query.visible.user_id = numbered_id(1 + below(3));
  for (std::uint64_t i = below(4); i > 0; --i) query.conditions.push_back(condition(all));
  query.match_any = one_in(2);
  query.sort = static_cast<Field>(KIST_FIELD_ID + below(KIST_FIELD_REVISION));
  query.descending = one_in(2);
  if (one_in(3))
    query.after = all[below(all.size())];
  else if (one_in(2))
    query.offset = below(all.size() + 10);
  if (one_in(2)) query.limit = below(all.size() + 10);
  query.with_total = one_in(2);
  return query;
}

std::string text_of(const ListQuery& query) {
  std::string text;
  if (query.visible.workspaces) {
    text += "workspaces={";
    for (const Uuid& id : *query.visible.workspaces) text += " " + id.to_hex();
    text += " } ";
  }
  if (query.visible.user_id) text += "user=" + query.visible.user_id->to_hex() + " ";
  text += query.match_any ? "any{" : "all{";
  for (const Condition& condition : query.conditions) {
    text += " (field " + std::to_string(static_cast<std::uint32_t>(condition.field)) + " op " +
            std::to_string(static_cast<std::uint32_t>(condition.op));
    for (const std::string& operand : condition.texts) text += " '" + operand + "'";
    if (is_time(condition.field)) {
      text += " " + std::to_string(condition.from.time_since_epoch().count()) + ".." +
              std::to_string(condition.until.time_since_epoch().count());
    }
    text += ")";
  }
  text += " } sort " + std::to_string(static_cast<std::uint32_t>(query.sort)) +
          (query.descending ? " descending" : "") + " offset " + std::to_string(query.offset) +
          " limit " + std::to_string(query.limit);
  if (query.after) text += " after " + text_of(*query.after);
  return text + (query.with_total ? " with total" : "");
}

}  // namespace kist::conformance
