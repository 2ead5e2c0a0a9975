// SPDX-License-Identifier: Apache-2.0
#include "list_query.hpp"

#include <algorithm>
#include <tuple>

#include "store_fixture.hpp"

namespace kist::sqlite::test {

namespace {

using Random = std::mt19937_64;

// ---- The model: what a listing is, said in the plainest way.

std::string text_of(const SecretMetadata& row, Field field) {
  switch (field) {
    case Field::id:
      return row.id.to_hex();
    case Field::name:
      return row.name;
    case Field::scope:
      return std::string(to_string(row.scope));
    case Field::workspace_id:
      return row.workspace_id.to_hex();
    default:
      return row.user_id.to_hex();
  }
}

bool holds(const Condition& condition, const SecretMetadata& row) {
  if (condition.op == Operator::in_range || condition.op == Operator::not_in_range) {
    const Timestamp time = condition.field == Field::created ? row.created : row.updated;
    const bool is_in =
        condition.from <= time && (time < condition.until || condition.until == Timestamp::max());
    return is_in == (condition.op == Operator::in_range);
  }
  const std::string text = text_of(row, condition.field);
  const auto is_text = [&](const std::string& other) { return text == other; };
  const auto any_is_text = std::any_of(condition.texts.begin(), condition.texts.end(), is_text);
  switch (condition.op) {
    case Operator::not_equals:
      return !any_is_text;
    case Operator::contains:
      return text.find(condition.texts.front()) != std::string::npos;
    case Operator::starts_with:
      return text.starts_with(condition.texts.front());
    case Operator::ends_with:
      return text.ends_with(condition.texts.front());
    default:
      return any_is_text;
  }
}

bool fits(const ListQuery& query, const SecretMetadata& row) {
  const auto& [workspaces, user_id] = query.visible;
  if (workspaces &&
      std::find(workspaces->begin(), workspaces->end(), row.workspace_id) == workspaces->end())
    return false;
  if (user_id && row.scope != Scope::workspace && row.user_id != *user_id) return false;
  const auto& conditions = query.conditions;
  const auto holds_here = [&](const Condition& condition) { return holds(condition, row); };
  if (conditions.empty()) return true;
  return query.match_any ? std::any_of(conditions.begin(), conditions.end(), holds_here)
                         : std::all_of(conditions.begin(), conditions.end(), holds_here);
}

/// Below 0, 0, or above: the order of `one` and `other` by the field alone.
int compare(Field field, const SecretMetadata& one, const SecretMetadata& other) {
  const auto key = [&](const SecretMetadata& row) {
    const bool is_number = field == Field::revision;
    const bool is_time = field == Field::created || field == Field::updated;
    const Timestamp time = field == Field::created ? row.created : row.updated;
    return std::tuple(is_number ? row.revision : 0, is_time ? time : Timestamp(),
                      is_number || is_time ? "" : text_of(row, field));
  };
  return key(one) < key(other) ? -1 : key(other) < key(one) ? 1 : 0;
}

bool is_before(const ListQuery& query, const SecretMetadata& one, const SecretMetadata& other) {
  const int order = compare(query.sort, one, other) * (query.descending ? -1 : 1);
  if (query.sort == Field::id) return order < 0;
  return order < 0 || (order == 0 && one.id < other.id);
}

RowCollector expected(const std::vector<SecretMetadata>& all, const ListQuery& query) {
  RowCollector result;
  for (const SecretMetadata& row : all)
    if (fits(query, row)) result.rows.push_back(row);
  std::sort(result.rows.begin(), result.rows.end(),
            [&](const auto& one, const auto& other) { return is_before(query, one, other); });
  if (query.with_total) result.counted = result.rows.size();
  if (query.after)
    std::erase_if(result.rows,
                  [&](const auto& row) { return !is_before(query, *query.after, row); });
  const auto size = static_cast<std::uint64_t>(result.rows.size());
  const auto skipped = static_cast<std::ptrdiff_t>(std::min(query.offset, size));
  result.rows.erase(result.rows.begin(), result.rows.begin() + skipped);
  if (query.limit < result.rows.size()) result.rows.resize(query.limit);
  return result;
}

// ---- Rows and queries at random, from few values so that much is equal.

std::uint64_t below(Random& random, std::uint64_t end) {
  return std::uniform_int_distribution<std::uint64_t>(0, end - 1)(random);
}

std::string random_name(Random& random) {
  constexpr std::string_view parts[] = {"a",  "A", "b",          "%",   "_",      "\\",    "'",
                                        "\"", "*", "käse",       "é",   "\u7530", "aws",   "-",
                                        "/",  "😀", "\U0010ffff", "[a]", "?1",     "a b a", ";"};
  std::string name;
  for (std::uint64_t i = 0; i <= below(random, 3); ++i)
    name += parts[below(random, std::size(parts))];
  return name;
}

SecretMetadata random_row(Random& random, std::uint64_t number) {
  SecretMetadata row;
  row.id = uuid(number * 0x9e3779b97f4a7c15);
  row.name = random_name(random);
  row.scope = below(random, 2) == 0 ? Scope::workspace : Scope::user;
  row.workspace_id = uuid(1 + below(random, 4) * 0x1111);
  row.user_id = uuid(7 + below(random, 4) * 0x2f2f2f);
  row.created = time_at(static_cast<std::int64_t>(below(random, 12)) - 3);
  row.updated = row.created + std::chrono::microseconds(below(random, 4));
  return row;
}

std::string random_text(Random& random, const SecretMetadata& row, Field field) {
  const std::string whole = text_of(row, field);
  switch (below(random, 6)) {
    case 0:
      return random_name(random);
    case 1:
      return "";
    case 2:
      return whole.substr(0, below(random, whole.size() + 1));
    case 3:
      return whole.substr(below(random, whole.size() + 1));
    case 4:
      return whole + (below(random, 2) == 0 ? "0" : "\xff");
    default:
      return whole;
  }
}

Condition random_condition(Random& random, const std::vector<SecretMetadata>& all) {
  Condition condition;
  const SecretMetadata& row = all[below(random, all.size())];
  condition.field = static_cast<Field>(1 + below(random, 7));
  if (condition.field == Field::created || condition.field == Field::updated) {
    condition.op = below(random, 2) == 0 ? Operator::in_range : Operator::not_in_range;
    if (below(random, 4) != 0) condition.from = row.created;
    if (below(random, 4) != 0) condition.until = row.updated;
    return condition;
  }
  condition.op = static_cast<Operator>(1 + below(random, 6));
  const std::uint64_t count = condition.op == Operator::one_of ? below(random, 4) : 1;
  for (std::uint64_t i = 0; i < count; ++i)
    condition.texts.push_back(random_text(random, all[below(random, all.size())], condition.field));
  return condition;
}

ListQuery random_query(Random& random, const std::vector<SecretMetadata>& all) {
  ListQuery query;
  const auto any_row = [&]() -> const SecretMetadata& { return all[below(random, all.size())]; };
  if (below(random, 2) == 0) {
    query.visible.workspaces.emplace();
    for (std::uint64_t i = below(random, 3); i > 0; --i)
      query.visible.workspaces->push_back(any_row().workspace_id);
  }
  if (below(random, 2) == 0) query.visible.user_id = any_row().user_id;
  for (std::uint64_t i = below(random, 4); i > 0; --i)
    query.conditions.push_back(random_condition(random, all));
  query.match_any = below(random, 2) == 0;
  query.sort = static_cast<Field>(1 + below(random, 8));
  query.descending = below(random, 2) == 0;
  if (below(random, 2) == 0) query.limit = below(random, 20);
  if (below(random, 2) == 0) query.after = any_row();
  if (!query.after && below(random, 2) == 0) query.offset = below(random, 30);
  query.with_total = below(random, 2) == 0;
  return query;
}

std::vector<std::string> described(const RowCollector& list) {
  std::vector<std::string> lines;
  for (const SecretMetadata& row : list.rows) lines.push_back(row.id.to_hex() + " " + row.name);
  if (list.counted) lines.push_back("total " + std::to_string(*list.counted));
  return lines;
}

/// A store with random secrets, some of them updated, moved and deleted; and what it must hold.
std::vector<SecretMetadata> fill(SqliteStore& store, Random& random) {
  std::vector<SecretMetadata> all;
  TestCall call;
  for (std::uint64_t number = 1; number <= 150; ++number) {
    Secret secret{{random_row(random, number)}, {}};
    try {
      all.push_back(store.create_secret(call, std::move(secret)));
      SecretUpdate update;
      update.id = all.back().id;
      update.updated = all.back().updated;
      if (below(random, 4) == 0) update.scope = Scope::user;
      if (below(random, 3) == 0) all.back() = store.update_secret(call, update);
      if (below(random, 8) == 0) {
        store.delete_secret(call, all.back().id, std::nullopt);
        all.pop_back();
      }
    } catch (const Error& error) {
      REQUIRE(to_string(error.code) == "already_exists");
    }
  }
  REQUIRE(all.size() > 50);
  return all;
}

ListQuery with(Condition condition) {
  ListQuery query;
  query.conditions.push_back(std::move(condition));
  return query;
}

}  // namespace

TEST_SUITE("plugins/sqlite/list_query") {
  TEST_CASE("a listing in SQL is the listing of the model") {
    const std::uint64_t seed = std::random_device()();
    INFO("seed ", seed);
    Random random(seed);
    const TemporaryDirectory directory;
    const auto store = open_store(directory.file());
    const auto all = fill(*store, random);
    for (int i = 0; i < 4000; ++i) {
      const ListQuery query = random_query(random, all);
      const auto is = described(list(*store, query)), should_be = described(expected(all, query));
      if (is == should_be) continue;
      INFO("query ", i, ": ", rows_sql(query).text);
      REQUIRE(is == should_be);
    }
  }

  TEST_CASE("pages cut by a cursor show each secret once, in either direction") {
    Random random(7);
    const TemporaryDirectory directory;
    const auto store = open_store(directory.file());
    const auto all = fill(*store, random);
    for (std::uint32_t field = 1; field <= 8; ++field) {
      for (const bool descending : {false, true}) {
        CAPTURE(field);
        CAPTURE(descending);
        ListQuery query;
        query.sort = static_cast<Field>(field);
        query.descending = descending;
        const auto whole = described(expected(all, query));
        query.limit = 7;
        RowCollector seen;
        for (auto page = list(*store, query); !page.rows.empty(); page = list(*store, query)) {
          seen.rows.insert(seen.rows.end(), page.rows.begin(), page.rows.end());
          query.after = page.rows.back();
        }
        CHECK(described(seen) == whole);
      }
    }
  }

  TEST_CASE("all that a client sends is bound, and none of it is in the SQL") {
    const std::string canary = "x'); DROP TABLE secrets; --";
    for (std::uint32_t op = 1; op <= 6; ++op) {
      const ListQuery query = with({Field::name, static_cast<Operator>(op), {canary}, {}, {}});
      for (const BoundSql& sql : {rows_sql(query), total_sql(query)})
        CHECK(sql.text.find("DROP") == std::string::npos);
    }
  }

  TEST_CASE("what the store does not know is unimplemented, and what is too much is refused") {
    const std::pair<Condition, std::string_view> cases[] = {
        {{Field::name, Operator::in_range, {}, {}, {}},
         "sqlite: the store does not know operator 7 for field 2"},
        {{Field::created, Operator::equals, {"x"}, {}, {}},
         "sqlite: the store does not know operator 1 for field 6"},
        {{Field::revision, Operator::equals, {"1"}, {}, {}},
         "sqlite: the store does not know operator 1 for field 8"},
        {{static_cast<Field>(99), Operator::equals, {"1"}, {}, {}},
         "sqlite: the store does not know field 99"},
        {{Field::name, static_cast<Operator>(99), {"1"}, {}, {}},
         "sqlite: the store does not know operator 99"},
    };
    for (const auto& row : cases) {
      const Error error = error_of([&] { rows_sql(with(row.first)); });
      CHECK(to_string(error.code) == "unimplemented");
      CHECK(error.message() == row.second);
    }
    ListQuery many;
    many.conditions.resize(500, {Field::name, Operator::equals, {"x"}, {}, {}});
    const TemporaryDirectory directory;
    const auto store = open_store(directory.file());
    CHECK_NOTHROW(list(*store, many));
    many.conditions.push_back(many.conditions.front());
    CHECK(error_of([&] { rows_sql(many); }).message() ==
          "sqlite: a listing with 501 conditions, expected at most 500");
    // Two parameters are those of the slice.
    Condition texts{Field::name, Operator::one_of, std::vector<std::string>(31'998, "x"), {}, {}};
    CHECK_NOTHROW(list(*store, with(texts)));
    texts.texts.emplace_back("x");
    CHECK(error_of([&] { rows_sql(with(texts)); }).message() ==
          "sqlite: a listing with 32001 texts, expected at most 32000");
  }

  TEST_CASE("a list ends when its sink has enough, or its call is over") {
    Random random(1);
    const TemporaryDirectory directory;
    const auto store = open_store(directory.file());
    fill(*store, random);
    struct OneRow final : ListSink {
      bool item(const SecretMetadata&) override { return ++rows < 1; }
      void total(std::uint64_t) override {}
      int rows = 0;
    } one_row;
    TestCall call;
    store->list_secrets(call, {}, one_row);
    CHECK(one_row.rows == 1);

    // The cross product of this table with itself would take for ever.
    struct CancellingSink final : ListSink {
      explicit CancellingSink(TestCall& to_cancel) : call(to_cancel) {}
      bool item(const SecretMetadata&) override { return call.cancel(), true; }
      void total(std::uint64_t) override {}
      TestCall& call;
    } cancelling(call);
    ConnectionPool pool({prepare_database_file(directory.file()), std::chrono::seconds(1), 1024},
                        1);
    const auto connection = pool.lease(call);
    Statement endless = connection->statement(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n");
    cancelling.item({});
    CHECK(to_string(error_of([&] { endless.step(); }).code) == "cancelled");
  }
}

}  // namespace kist::sqlite::test
