// SPDX-License-Identifier: Apache-2.0
// Which rows a list gives, in which order, and which slice of them. A model says what is right.

#include <random>
#include <set>

#include <doctest/doctest.h>

#include "list_model.hpp"
#include "samples.hpp"
#include "store_client.hpp"

namespace kist::conformance {
namespace {

std::string lines_of(const std::vector<SecretMetadata>& rows) {
  std::string lines;
  for (const SecretMetadata& row : rows) lines += text_of(row) + "\n";
  return lines;
}

/// Fills `store`, and returns what it must have then.
std::vector<SecretMetadata> fill(StoreClient& store, RandomLists& lists, std::size_t count) {
  std::vector<SecretMetadata> all;
  for (std::size_t i = 0; i < count; ++i) {
    Secret secret = lists.secret(i);
    store.create(secret);
    for (std::size_t updates = i % 3; updates > 0; --updates) {
      SecretUpdate update = update_of(secret.id);
      update.updated = secret.updated;
      secret = store.update(update);
    }
    all.push_back(secret);
  }
  return all;
}

SecretMetadata named(std::uint64_t number, std::string name) {
  SecretMetadata row = secret_named(name);
  row.id = numbered_id(number);
  return row;
}

TEST_SUITE("list") {
  TEST_CASE("ST-8: an empty store lists nothing, whatever is asked") {
    const StoreHome home;
    StoreClient store(home);
    ListQuery query;
    query.with_total = true;
    CHECK(store.list(query).rows.empty());
    CHECK(store.list(query).count == 0u);
    query.offset = 5;
    query.conditions.push_back({.field = Field::name, .op = Operator::one_of, .texts = {}});
    CHECK(store.list(query).rows.empty());
  }

  TEST_CASE("ST-8: random lists filter, sort and page as the model does (FL-2 to FL-6)") {
    RandomLists lists(store_under_test().seed);
    const StoreHome home;
    StoreClient store(home);
    const auto all = fill(store, lists, 60);
    for (int i = 0; i < 400; ++i) {
      const ListQuery query = lists.query(all);
      CAPTURE(text_of(query));
      const Listing listing = store.list(query);
      const ModelListing expected = model_list(all, query);
      REQUIRE(lines_of(listing.rows) == lines_of(expected.rows));
      REQUIRE(listing.count.has_value() == query.with_total);
      if (query.with_total) REQUIRE(*listing.count == expected.total);
    }
  }

  TEST_CASE("FL-2: no character of a text is special") {
    const StoreHome home;
    StoreClient store(home);
    std::vector<SecretMetadata> all;
    for (const std::string_view name : awkward_names()) {
      const Secret secret = secret_named(name);
      store.create(secret);
      all.push_back(secret);
    }
    for (const std::string_view text : awkward_names()) {
      for (std::uint32_t op = KIST_OP_EQUALS; op <= KIST_OP_ONE_OF; ++op) {
        ListQuery query;
        query.sort = Field::name;
        query.conditions.push_back(
            {.field = Field::name, .op = static_cast<Operator>(op), .texts = {std::string(text)}});
        CAPTURE(text_of(query));
        CHECK(lines_of(store.list(query).rows) == lines_of(model_list(all, query).rows));
      }
    }
  }

  TEST_CASE("FL-4: a range of time is compared to the microsecond, its end excluded") {
    const StoreHome home;
    StoreClient store(home);
    std::vector<SecretMetadata> all;
    for (const std::int64_t offset : {-1, 0, 1, 2}) {
      Secret secret = secret_named(std::to_string(offset));
      secret.created = secret.updated = at(offset);
      store.create(secret);
      all.push_back(secret);
    }
    for (const Field field : {Field::created, Field::updated}) {
      for (const Operator op : {Operator::in_range, Operator::not_in_range}) {
        ListQuery query;
        Condition condition{.field = field, .op = op, .texts = {}};
        condition.from = at(0);
        condition.until = at(1);
        query.conditions.push_back(condition);
        CAPTURE(text_of(query));
        CHECK(lines_of(store.list(query).rows) == lines_of(model_list(all, query).rows));
      }
    }
  }

  TEST_CASE("FL-5: conditions never widen what may be seen") {
    const StoreHome home;
    StoreClient store(home);
    Secret foreign = secret_named("foreign");
    foreign.workspace_id = numbered_id(2);
    Secret of_another = secret_named("of another");
    of_another.user_id = numbered_id(2);
    of_another.scope = Scope::user;
    Secret shared = secret_named("shared");
    shared.user_id = numbered_id(2);
    Secret own = secret_named("own");
    own.scope = Scope::user;
    for (const Secret* each : {&foreign, &of_another, &shared, &own}) store.create(*each);

    ListQuery query;
    query.visible = {.workspaces = {{numbered_id(1)}}, .user_id = numbered_id(1)};
    query.sort = Field::name;
    const std::vector<std::string> visible = {"own", "shared"};
    CHECK(store.list(query).names() == visible);
    query.match_any = true;
    for (const auto* name : {"foreign", "of another", "shared", "own"}) {
      query.conditions.push_back({.field = Field::name, .op = Operator::equals, .texts = {name}});
    }
    CHECK(store.list(query).names() == visible);
    query.visible.workspaces->clear();
    CHECK(store.list(query).names().empty());
  }

  TEST_CASE("FL-7: a slice at, before and behind the end of the rows") {
    const StoreHome home;
    StoreClient store(home);
    for (const auto* name : {"a", "b", "c"}) store.create(secret_named(name));
    struct Case {
      std::uint64_t offset, limit;
      std::vector<std::string> expected;
    };
    const Case cases[] = {
        {0, 2, {"a", "b"}},
        {2, 2, {"c"}},
        {3, 2, {}},
        {UINT64_MAX, 2, {}},
        {UINT64_MAX, UINT64_MAX, {}},
        {0, 0, {}},
        {1, UINT64_MAX, {"b", "c"}},
    };
    for (const Case& slice : cases) {
      ListQuery query;
      query.sort = Field::name;
      query.offset = slice.offset;
      query.limit = slice.limit;
      query.with_total = true;
      CAPTURE(text_of(query));
      const Listing listing = store.list(query);
      CHECK(listing.names() == slice.expected);
      CHECK(listing.count == 3u);
    }
  }

  TEST_CASE("FL-8: behind a row that is gone the list goes on where it stood") {
    const StoreHome home;
    StoreClient store(home);
    for (const auto* name : {"a", "c"}) store.create(secret_named(name));
    ListQuery query;
    query.sort = Field::name;
    query.after = named(7, "b");
    CHECK(store.list(query).names() == std::vector<std::string>{"c"});
    query.descending = true;
    CHECK(store.list(query).names() == std::vector<std::string>{"a"});
  }

  TEST_CASE("FL-8: a walk sees what exists throughout exactly once, whatever comes and goes") {
    const StoreHome home;
    StoreClient store(home);
    std::multiset<std::string> lasting;
    std::vector<Secret> passing;
    for (int i = 0; i < 40; ++i) {
      Secret secret = secret_named((i % 2 == 0 ? "lasting " : "passing ") + std::to_string(i));
      secret.created = secret.updated = at(i / 8);  // With ties.
      store.create(secret);
      if (i % 2 == 0)
        lasting.insert(secret.name);
      else
        passing.push_back(std::move(secret));
    }
    ListQuery query;
    query.limit = 3;
    SUBCASE("by time") { query.sort = Field::created; }
    SUBCASE("by time, backwards") {
      query.sort = Field::created;
      query.descending = true;
    }
    SUBCASE("by name") { query.sort = Field::name; }
    SUBCASE("by id") { query.sort = Field::id; }
    std::multiset<std::string> seen;
    for (int page = 0;; ++page) {
      REQUIRE(page < 100);
      const Listing listing = store.list(query);
      if (listing.rows.empty()) break;
      for (const SecretMetadata& row : listing.rows) {
        if (row.name.starts_with("lasting")) seen.insert(row.name);
      }
      query.after = listing.rows.back();
      if (!passing.empty()) {
        store.remove(passing.back().id);
        passing.pop_back();
      }
      store.create(secret_named("new " + std::to_string(page)));
    }
    CHECK(seen == lasting);
  }
}

}  // namespace
}  // namespace kist::conformance
