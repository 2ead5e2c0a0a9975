// SPDX-License-Identifier: Apache-2.0
#include "connection.hpp"
#include "list_query.hpp"
#include "store_fixture.hpp"

namespace kist::sqlite::test {

namespace {

/// What SQLite says it will do, in one line.
std::string plan_of(Connection& connection, const BoundSql& sql) {
  const std::string text = "EXPLAIN QUERY PLAN " + sql.text;
  Statement explain = connection.statement(text);
  sql.bind_to(explain);
  std::string plan;
  while (explain.step()) plan += std::string(explain.text(3).value_or("")) + "; ";
  return plan;
}

bool has(const std::string& plan, std::string_view part) {
  return plan.find(part) != std::string::npos;
}

constexpr Field kPagedFields[] = {Field::id, Field::name, Field::created, Field::updated};

}  // namespace

TEST_SUITE("plugins/sqlite/query_plan") {
  TEST_CASE("pages by id, name and times follow an index, from the first to the last") {
    const TemporaryDirectory directory;
    open_store(directory.file());
    TestCall call;
    Connection connection({prepare_database_file(directory.file()), std::chrono::seconds(1), 1024},
                          Access::read, call);
    const std::optional<std::vector<Uuid>> workspaces[] = {std::nullopt, std::vector{uuid(1)},
                                                           std::vector{uuid(1), uuid(2)}};
    for (const Field sort : kPagedFields) {
      for (const auto& visible : workspaces) {
        for (const bool descending : {false, true}) {
          for (const bool is_first : {true, false}) {
            ListQuery query;
            query.sort = sort;
            query.visible.workspaces = visible;
            query.visible.user_id = uuid(3);
            query.descending = descending;
            query.limit = 20;
            if (!is_first) query.after.emplace();
            const BoundSql sql = rows_sql(query);
            const std::string plan = plan_of(connection, sql);
            CAPTURE(sql.text);
            CAPTURE(plan);
            // Without a bound, walking an index in order is a scan too; it ends after the page.
            CHECK((has(plan, "USING INDEX") || has(plan, "USING PRIMARY KEY") ||
                   (sort == Field::id && is_first)));
            if (!is_first) CHECK_FALSE(has(plan, "SCAN"));
            // The id ascends where times descend: the rows of one and the same time are sorted.
            const bool may_sort_equal = descending && sort != Field::id;
            CHECK_FALSE(has(plan, may_sort_equal ? "TEMP B-TREE FOR ORDER BY" : "TEMP B-TREE"));
          }
        }
      }
    }
  }

  TEST_CASE("totals that the counts can give are taken from the counts") {
    ListQuery query;
    query.visible.workspaces.emplace().push_back(uuid(1));
    query.visible.user_id = uuid(2);
    query.conditions.push_back({Field::scope, Operator::contains, {"user"}, {}, {}});
    CHECK(has(total_sql(query).text, "FROM secret_counts"));
    query.conditions.push_back({Field::name, Operator::equals, {"x"}, {}, {}});
    CHECK(has(total_sql(query).text, "FROM secrets"));
  }

  TEST_CASE("equal and starting names are looked up") {
    const TemporaryDirectory directory;
    open_store(directory.file());
    TestCall call;
    Connection connection({prepare_database_file(directory.file()), std::chrono::seconds(1), 1024},
                          Access::read, call);
    for (const Operator op : {Operator::equals, Operator::one_of, Operator::starts_with}) {
      ListQuery query;
      query.sort = Field::name;
      query.conditions.push_back({Field::name, op, {"x"}, {}, {}});
      const std::string plan = plan_of(connection, rows_sql(query));
      CAPTURE(plan);
      CHECK(has(plan, "SEARCH s USING INDEX by_name"));
    }
  }
}

}  // namespace kist::sqlite::test
