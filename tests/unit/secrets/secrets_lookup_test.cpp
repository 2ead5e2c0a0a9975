// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "service_fixture.hpp"

namespace kist::core {
namespace {

using testing::failure_of;
using testing::ServiceFixture;

std::string page_failure(ServiceFixture& fixture, std::uint64_t page, std::uint64_t size) {
  ListRequest request;
  request.page = page;
  request.size = size;
  return failure_of([&] { fixture.service.list(fixture.call, fixture.alice, request); });
}

TEST_SUITE("core/secrets/secrets_service find") {
  TEST_CASE_FIXTURE(ServiceFixture, "a whole UUID is an id first, then a name") {
    const Secret made = create(alice, "db");
    CHECK(service.find(call, alice, made.id.to_string(), {}).secret.name == "db");
    const Secret named_so = create(alice, numbered_id(99).to_string());
    CHECK(service.find(call, alice, numbered_id(99).to_string(), {}).secret.id == named_so.id);
    create(alice, made.id.to_string());
    CHECK(service.find(call, alice, made.id.to_string(), {}).secret.name == "db");
    CHECK(failure_of([&] { service.find(call, alice, "00000000", {}); }) ==
          "not_found: there is no secret with the name or id '00000000' in workspace 'default'");
  }

  TEST_CASE_FIXTURE(ServiceFixture, "a name in both scopes needs the scope") {
    const Secret own = create(alice, "db", Scope::user);
    CHECK(service.find(call, alice, "db", {}).secret.id == own.id);
    const Secret shared = create(alice, "db");
    CHECK(failure_of([&] { service.find(call, alice, "db", {}); }) ==
          "invalid_argument: two secrets are named 'db' in workspace 'default', one in the "
          "workspace scope and one in the user scope; say which scope");
    CHECK(service.find(call, alice, "db", {{}, Scope::user}).secret.id == own.id);
    CHECK(service.find(call, alice, "db", {{}, Scope::workspace}).secret.id == shared.id);
    CHECK(service.find(call, bob, "db", {}).secret.id == shared.id);
  }

  TEST_CASE_FIXTURE(ServiceFixture, "a name is looked for in one workspace") {
    NewSecret wanted = secret("db");
    wanted.workspace = "research";
    const Secret made = service.create(call, alice, wanted);
    CHECK(failure_of([&] { service.find(call, alice, "db", {}); }) ==
          "not_found: there is no secret with the name or id 'db' in workspace 'default'");
    const std::string research_id = directory.find_workspace("research")->id.to_string();
    CHECK(service.find(call, alice, "db", {"research", {}}).secret.id == made.id);
    CHECK(service.find(call, alice, "db", {research_id, {}}).secret.id == made.id);
    CHECK(service.find(call, alice, made.id.to_string(), {}).secret.id == made.id);
    CHECK_FALSE(failure_of([&] {
                  service.find(call, alice, made.id.to_string(), {"default", {}});
                }).empty());
    CHECK_FALSE(failure_of([&] {
                  service.find(call, alice, made.id.to_string(), {{}, Scope::user});
                }).empty());
  }

  TEST_CASE_FIXTURE(ServiceFixture, "AT-42: a name that no secret can have is escaped and absent") {
    CHECK(failure_of([&] { service.find(call, alice, "a\n\x1B[0m\xFF", {}); }) ==
          "not_found: there is no secret with the name or id 'a\\x0a\\x1b[0m\\xff' in workspace "
          "'default'");
    CHECK(store.calls.empty());
  }
}

TEST_SUITE("core/secrets/secrets_service list") {
  TEST_CASE_FIXTURE(ServiceFixture, "nothing found is page 1 of 1 without items") {
    const Page page = service.list(call, alice, {});
    CHECK(page.index == 1);
    CHECK(page.max_size == 20);
    CHECK(page.total == 0);
    CHECK(page.total_pages == 1);
    CHECK(page.items.empty());
    CHECK_FALSE(page.next_cursor);
  }

  TEST_CASE_FIXTURE(ServiceFixture, "pages count from one and end with the last") {
    for (int i = 0; i < 41; ++i) create(alice, "s" + std::to_string(i));
    ListRequest request;
    request.page = 3;
    const Page page = service.list(call, alice, request);
    CHECK(page.index == 3);
    CHECK(page.total == 41);
    CHECK(page.total_pages == 3);
    REQUIRE(page.items.size() == 1);
    CHECK(page.items[0].name == "s40");
    CHECK_FALSE(page.next_cursor);

    CHECK(page_failure(*this, 4, 20) ==
          "invalid_argument: page 4 is past the last: 41 secrets in pages of 20 make 3 pages");
    CHECK(page_failure(*this, 2, 41) ==
          "invalid_argument: page 2 is past the last: 41 secrets in pages of 41 make 1 page");
    CHECK(page_failure(*this, 1, 41).empty());
    CHECK(page_failure(*this, 41, 1).empty());
  }

  TEST_CASE_FIXTURE(ServiceFixture, "AT-07: the last page that can be asked for is past the last") {
    create(alice, "db");
    CHECK(page_failure(*this, kMaxPage, kMaxPageSize) ==
          "invalid_argument: page 922337203685477 is past the last: 1 secret in pages of 10000 "
          "make 1 page");
  }

  TEST_CASE_FIXTURE(ServiceFixture, "with a cursor the total is counted only on request") {
    for (int i = 0; i < 5; ++i) create(alice, "s" + std::to_string(i));
    ListRequest request;
    request.size = 2;
    request.cursor = service.list(call, alice, request).next_cursor;
    REQUIRE(request.cursor);
    const Page bare = service.list(call, alice, request);
    CHECK_FALSE(bare.total);
    CHECK_FALSE(bare.total_pages);
    CHECK_FALSE(bare.index);
    CHECK(bare.items.size() == 2);
    CHECK_FALSE(store.queries.back().with_total);
    CHECK(store.queries.back().offset == 0);
    request.with_total = true;
    CHECK(service.list(call, alice, request).total == 5);
    CHECK(service.list(call, alice, request).total_pages == 3);
  }

  TEST_CASE_FIXTURE(ServiceFixture, "AT-07: a cursor is worth nothing to another principal") {
    for (int i = 0; i < 3; ++i) create(alice, "s" + std::to_string(i));
    ListRequest request;
    request.size = 1;
    request.cursor = service.list(call, alice, request).next_cursor;
    CHECK(failure_of([&] { service.list(call, bob, request); }) ==
          "invalid_argument: the cursor does not belong to this list; start again without one");
    CHECK_NOTHROW(service.list(call, alice, request));
  }

  TEST_CASE_FIXTURE(ServiceFixture, "a walk with cursors sees each lasting secret exactly once") {
    const std::uint32_t seed = std::random_device()();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    std::vector<Uuid> lasting;
    for (int i = 0; i < 60; ++i)
      lasting.push_back(
          create(alice, std::to_string(random() % 1000) + "." + std::to_string(i)).id);

    for (const Field sort : {Field::id, Field::name, Field::created, Field::revision}) {
      std::map<Uuid, int> seen;
      ListRequest request;
      request.sort = sort;
      request.descending = random() % 2 == 0;
      std::vector<Uuid> passing;
      for (int round = 0;; ++round) {
        request.size = 1 + random() % 9;
        const Page page = service.list(call, alice, request);
        CHECK(page.items.size() <= request.size);
        for (const auto& row : page.items) ++seen[row.id];
        if (!page.next_cursor) break;
        request.cursor = page.next_cursor;
        for (const Uuid& id : passing) service.remove(call, alice, id, {});
        passing.clear();
        for (std::uint32_t i = 0; i < random() % 4; ++i)
          passing.push_back(
              create(alice, std::to_string(random() % 1000) + "+" + std::to_string(i)).id);
        REQUIRE(round < 1000);
      }
      for (const Uuid& id : passing) service.remove(call, alice, id, {});
      for (const Uuid& id : lasting) CHECK(seen[id] == 1);
    }
  }

  TEST_CASE_FIXTURE(ServiceFixture, "a corrupt secret is in the list") {
    const Secret made = create(alice, "db");
    store.map.corrupt.insert(made.id);
    const Page page = service.list(call, alice, {});
    REQUIRE(page.items.size() == 1);
    CHECK_FALSE(page.items[0].readable);
  }
}

}  // namespace
}  // namespace kist::core
