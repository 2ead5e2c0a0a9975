// SPDX-License-Identifier: Apache-2.0
#include "secrets/list_slice.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "random_rows.hpp"
#include "secrets/list_order.hpp"

namespace kist::core {
namespace {

using testing::RandomRows;

class Rows final : public ListSink {
 public:
  bool item(const SecretMetadata& row) override {
    ids.push_back(row.id);
    return ids.size() < enough;
  }
  void total(std::uint64_t rows) override { count = rows; }

  std::vector<Uuid> ids;
  std::optional<std::uint64_t> count;
  std::size_t enough = SIZE_MAX;
};

/// The rules once more, as plainly as they can be said: every row becomes texts and numbers, and
/// everything is sorted.
namespace model {

using Sortable = std::tuple<std::string, std::int64_t>;

Sortable sortable(Field field, const SecretMetadata& row) {
  switch (field) {
    case Field::id:
      return {row.id.to_hex(), 0};
    case Field::name:
      return {row.name, 0};
    case Field::scope:
      return {std::string(to_string(row.scope)), 0};
    case Field::workspace_id:
      return {row.workspace_id.to_hex(), 0};
    case Field::user_id:
      return {row.user_id.to_hex(), 0};
    case Field::created:
      return {"", row.created.time_since_epoch().count()};
    case Field::updated:
      return {"", row.updated.time_since_epoch().count()};
    case Field::revision:
      return {"", static_cast<std::int64_t>(row.revision)};
  }
  return {};
}

bool holds(const Condition& c, const SecretMetadata& row) {
  const auto [text, number] = sortable(c.field, row);
  const std::string wanted = c.texts.empty() ? "" : c.texts[0];
  const bool inside =
      number >= c.from.time_since_epoch().count() && number < c.until.time_since_epoch().count();
  switch (c.op) {
    case Operator::equals:
      return text == wanted;
    case Operator::not_equals:
      return text != wanted;
    case Operator::contains:
      return text.find(wanted) != std::string::npos;
    case Operator::starts_with:
      return text.substr(0, wanted.size()) == wanted;
    case Operator::ends_with:
      return text.size() >= wanted.size() && text.substr(text.size() - wanted.size()) == wanted;
    case Operator::one_of:
      return std::count(c.texts.begin(), c.texts.end(), text) > 0;
    case Operator::in_range:
      return inside;
    case Operator::not_in_range:
      return !inside;
  }
  return false;
}

bool fits(const ListQuery& query, const SecretMetadata& row) {
  const auto& workspaces = query.visible.workspaces;
  if (workspaces && std::count(workspaces->begin(), workspaces->end(), row.workspace_id) == 0)
    return false;
  if (query.visible.user_id && row.scope == Scope::user && row.user_id != *query.visible.user_id)
    return false;
  std::size_t held = 0;
  for (const Condition& c : query.conditions) {
    if (holds(c, row)) ++held;
  }
  if (query.conditions.empty()) return true;
  return query.match_any ? held > 0 : held == query.conditions.size();
}

Rows answer(const ListQuery& query, const std::vector<SecretMetadata>& rows) {
  std::vector<SecretMetadata> kept;
  for (const auto& row : rows) {
    if (fits(query, row)) kept.push_back(row);
  }
  std::sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  std::stable_sort(kept.begin(), kept.end(), [&](const auto& a, const auto& b) {
    const auto left = sortable(query.sort, a), right = sortable(query.sort, b);
    return query.descending ? right < left : left < right;
  });
  Rows slice;
  if (query.with_total) slice.total(kept.size());
  for (std::size_t i = query.offset; i < kept.size() && slice.ids.size() < query.limit; ++i) {
    slice.item(kept[i]);
  }
  return slice;
}

}  // namespace model

Rows slice_of(const ListQuery& query, const std::vector<SecretMetadata>& rows) {
  Rows result;
  ListSlice slice(query, result);
  for (const auto& row : rows) CHECK(slice.item(row));
  slice.total(12345);
  slice.finish();
  return result;
}

TEST_SUITE("core/secrets/list_slice") {
  TEST_CASE("a slice of random rows is the slice that a full sort gives") {
    const std::uint32_t seed = std::random_device()();
    INFO("seed " << seed);
    RandomRows random(seed);
    for (int round = 0; round < 3000; ++round) {
      const auto rows = random.rows(random.below(40));
      const ListQuery query = random.query();
      CAPTURE(round);
      const Rows found = slice_of(query, rows), expected = model::answer(query, rows);
      REQUIRE(found.ids == expected.ids);
      REQUIRE(found.count == expected.count);
    }
  }

  TEST_CASE("a walk from row to row sees every lasting row once, whatever comes and goes") {
    const std::uint32_t seed = std::random_device()();
    INFO("seed " << seed);
    RandomRows random(seed);
    for (int round = 0; round < 200; ++round) {
      CAPTURE(round);
      const auto lasting = random.rows(30);
      auto rows = lasting;
      ListQuery query;
      query.sort = random.sort_field();
      query.descending = random.below(2) == 0;
      query.limit = 1 + random.below(7);
      std::vector<Uuid> seen;
      for (;;) {
        const Rows page = slice_of(query, rows);
        seen.insert(seen.end(), page.ids.begin(), page.ids.end());
        if (page.ids.size() < query.limit) break;
        query.after = *std::find_if(rows.begin(), rows.end(),
                                    [&](const auto& row) { return row.id == page.ids.back(); });
        // Others come and go, the row that the walk stands behind too.
        rows = lasting;
        for (std::uint32_t i = random.below(4); i > 0; --i) rows.push_back(random.row());
        std::shuffle(rows.begin(), rows.end(), std::mt19937(random.below(1000)));
      }
      for (const auto& row : lasting) REQUIRE(std::count(seen.begin(), seen.end(), row.id) == 1);
    }
  }

  TEST_CASE("the total counts all that fits, also behind a row and without a slice") {
    RandomRows random(1);
    auto rows = random.rows(10);
    ListQuery query;
    query.sort = Field::id;
    query.with_total = true;
    query.limit = 0;
    CHECK(slice_of(query, rows).count == 10);
    CHECK(slice_of(query, rows).ids.empty());
    query.limit = 3;
    query.after = rows[0];
    CHECK(slice_of(query, rows).count == 10);
  }

  TEST_CASE("an offset and a limit that overflow together end the slice nowhere") {
    RandomRows random(1);
    ListQuery query;
    query.offset = UINT64_MAX;
    query.limit = 10;
    CHECK(slice_of(query, random.rows(5)).ids.empty());
    query.offset = 2;
    query.limit = UINT64_MAX;
    CHECK(slice_of(query, random.rows(5)).ids.size() == 3);
  }

  TEST_CASE("a sink that has enough gets no more") {
    RandomRows random(1);
    ListQuery query;
    Rows result;
    result.enough = 2;
    ListSlice slice(query, result);
    for (const auto& row : random.rows(5)) slice.item(row);
    slice.finish();
    CHECK(result.ids.size() == 2);
  }

  TEST_CASE("text sorts by bytes, a scope by its name, and equal rows by id both ways") {
    SecretMetadata upper, lower, accented;
    upper.name = "Z";
    lower.name = "a";
    accented.name = "\u00E9";
    CHECK(comes_before(Field::name, false, upper, lower));
    CHECK(comes_before(Field::name, false, lower, accented));
    CHECK(comes_before(Field::name, true, accented, lower));

    SecretMetadata workspace, user;
    user.scope = Scope::user;
    CHECK(comes_before(Field::scope, false, user, workspace));

    SecretMetadata first, second;
    second.id.bytes[15] = 1;
    CHECK(comes_before(Field::name, false, first, second));
    CHECK(comes_before(Field::name, true, first, second));
    CHECK_FALSE(comes_before(Field::name, true, first, first));
  }

  TEST_CASE("an unreadable row matches by what is known of it only") {
    SecretMetadata row;
    row.id = RandomRows(1).fresh_id();
    row.readable = false;
    ListQuery query;
    CHECK(matches(query, row));
    query.conditions = {{Field::id, Operator::equals, {row.id.to_hex()}}};
    CHECK(matches(query, row));
    const Condition about_the_unknown[] = {
        {Field::name, Operator::not_equals, {"a"}},
        {Field::workspace_id, Operator::not_equals, {"a"}},
        {Field::user_id, Operator::contains, {""}},
        {Field::created, Operator::in_range, {}},
        {Field::updated, Operator::not_in_range, {}, Timestamp::max()},
    };
    for (const Condition& condition : about_the_unknown) {
      query.conditions = {condition};
      CHECK_FALSE(matches(query, row));
    }
    query.conditions.clear();
    query.visible.workspaces = {Uuid{}};
    CHECK_FALSE(matches(query, row));
    row.workspace_id = RandomRows(1).known_id();
    query.visible.workspaces = {row.workspace_id};
    CHECK(matches(query, row));
    row.scope = static_cast<Scope>(0);
    query.visible.user_id = RandomRows(2).fresh_id();
    CHECK_FALSE(matches(query, row));
  }

  TEST_CASE("a list without conditions shows all that may be seen, joined by either word") {
    ListQuery query;
    query.match_any = true;
    CHECK(matches(query, RandomRows(1).row()));
  }
}

}  // namespace
}  // namespace kist::core
