// SPDX-License-Identifier: Apache-2.0
// Who may do what, and what those who may not get to know.
#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "service_fixture.hpp"

namespace kist::core {
namespace {

using testing::failure_of;
using testing::ServiceFixture;

const std::string kAbsent =
    "not_found: there is no secret with id 00000000-0000-0000-0000-000000000001";

std::vector<std::string> listed_names(ServiceFixture& fixture, const Principal& who) {
  std::vector<std::string> names;
  for (const auto& row : fixture.service.list(fixture.call, who, {}).items)
    names.push_back(row.name);
  return names;
}

TEST_SUITE("core/secrets/secrets_service access") {
  TEST_CASE_FIXTURE(ServiceFixture, "a role allows what it says, and a refusal names the role") {
    const Secret made = create(alice, "db");
    const std::string reader_refused =
        "permission_denied: principal 'reader' is a reader in workspace 'default'; this needs the "
        "role writer";
    const Principal& reader = principal("reader");
    CHECK(shown(service.get(call, reader, made.id).secret.values) == "password=hunter2 user=root");
    CHECK(failure_of([&] { create(reader, "mine"); }) == reader_refused);
    CHECK(failure_of([&] { create(reader, "mine", Scope::user); }) == reader_refused);
    CHECK(failure_of([&] {
            service.update(call, reader, made.id, patch({{"a", "b"}}));
          }) == reader_refused);
    CHECK(failure_of([&] { service.update(call, reader, made.id, {}); }) == reader_refused);
    CHECK(failure_of([&] { service.remove(call, reader, made.id, {}); }) == reader_refused);
    CHECK_NOTHROW(service.update(call, bob, made.id, patch({{"a", "b"}})));
    CHECK_NOTHROW(service.remove(call, principal("root"), made.id, {}));
  }

  TEST_CASE_FIXTURE(ServiceFixture, "a lister sees keys, and no value leaves the service") {
    const Secret made = create(alice, "db");
    const ShownSecret seen = service.get(call, principal("lister"), made.id);
    CHECK(seen.values_hidden);
    CHECK(seen.secret.name == "db");
    CHECK(shown(seen.secret.values) == "password= user=");
    CHECK_FALSE(service.get(call, principal("reader"), made.id).values_hidden);
    CHECK(service.find(call, principal("lister"), "db", {}).values_hidden);
  }

  TEST_CASE_FIXTURE(ServiceFixture,
                    "FL-5: what a store lists beyond what was asked for is shown to nobody") {
    const Secret own = create(alice, "diary", Scope::user);
    store.lists_everything = true;
    CHECK(failure_of([&] { service.list(call, bob, {}); }) ==
          "internal: the store listed a secret that it was not asked for");
    CHECK(failure_of([&] { service.find(call, bob, "diary", {}); }) ==
          "internal: the store listed a secret that it was not asked for");
    // A damaged row is no fault of the store, and not shown either.
    store.map.corrupt.insert(own.id);
    CHECK(failure_of([&] { service.find(call, bob, "diary", {}); }) ==
          "not_found: there is no secret with the name or id 'diary' in workspace 'default'");
  }

  TEST_CASE_FIXTURE(ServiceFixture, "without a role in its workspace a secret does not exist") {
    const Secret made = create(alice, "db");
    const Principal& stranger = principal("stranger");
    CHECK(failure_of([&] { service.get(call, stranger, made.id); }) == kAbsent);
    CHECK(failure_of([&] { service.update(call, stranger, made.id, {}); }) == kAbsent);
    CHECK(failure_of([&] { service.remove(call, stranger, made.id, {}); }) == kAbsent);
    CHECK(listed_names(*this, stranger).empty());
    CHECK(failure_of([&] { service.find(call, stranger, "db", {}); }) ==
          "not_found: there is no workspace 'default'");
    CHECK(failure_of([&] { create(stranger, "db"); }) ==
          "not_found: there is no workspace 'default'");
    NewSecret nowhere = secret("db");
    nowhere.workspace = "nowhere\n";
    CHECK(failure_of([&] { service.create(call, stranger, nowhere); }) ==
          "not_found: there is no workspace 'nowhere\\x0a'");
  }

  TEST_CASE_FIXTURE(ServiceFixture, "a user secret exists for its owner alone") {
    const Secret made = create(alice, "mine", Scope::user);
    for (const char* const other : {"bob", "reader", "lister", "stranger", "root"}) {
      CAPTURE(other);
      CHECK(failure_of([&] { service.get(call, principal(other), made.id); }) == kAbsent);
      CHECK(failure_of([&] { service.update(call, principal(other), made.id, {}); }) == kAbsent);
      CHECK(failure_of([&] { service.remove(call, principal(other), made.id, {}); }) == kAbsent);
      CHECK(listed_names(*this, principal(other)).empty());
    }
    CHECK(failure_of([&] { service.find(call, bob, "mine", {}); }) ==
          "not_found: there is no secret with the name or id 'mine' in workspace 'default'");
    CHECK(listed_names(*this, alice) == std::vector<std::string>{"mine"});
    CHECK(service.find(call, alice, "mine", {}).secret.id == made.id);
    CHECK(create(bob, "mine", Scope::user).user_id == bob.id);
  }

  TEST_CASE_FIXTURE(ServiceFixture,
                    "a corrupt secret does not exist either for who may not see it") {
    const Secret made = create(alice, "mine", Scope::user);
    store.map.corrupt.insert(made.id);
    for (const ErrorCode code :
         {ErrorCode::corrupt, ErrorCode::failed_precondition, ErrorCode::unavailable}) {
      store.map.corrupt_code = code;
      CHECK(failure_of([&] { service.get(call, bob, made.id); }) == kAbsent);
      CHECK(failure_of([&] { service.remove(call, bob, made.id, {}); }) == kAbsent);
      CHECK(failure_of([&] { service.get(call, alice, made.id); }) ==
            std::string(to_string(code)) + ": map: the values are damaged");
    }
  }

  TEST_CASE_FIXTURE(ServiceFixture, "only its owner can put a secret into the user scope") {
    const Secret made = create(alice, "db");
    SecretChange change;
    change.scope = Scope::user;
    CHECK(failure_of([&] { service.update(call, bob, made.id, change); }) ==
          "permission_denied: only its owner can put secret 00000000-0000-0000-0000-000000000001 "
          "into the user scope");
    CHECK(service.update(call, alice, made.id, change).scope == Scope::user);
    change.scope = Scope::workspace;
    CHECK(service.update(call, alice, made.id, change).scope == Scope::workspace);
  }

  TEST_CASE_FIXTURE(ServiceFixture, "no filter widens what a list shows") {
    create(alice, "hers", Scope::user);
    create(alice, "shared");
    ListRequest any;
    any.match_any = true;
    any.conditions = {{Field::name, Operator::contains, {""}},
                      {Field::user_id, Operator::equals, {alice.id.to_hex()}}};
    const Page page = service.list(call, bob, any);
    REQUIRE(page.items.size() == 1);
    CHECK(page.items[0].name == "shared");
    CHECK(page.total == 1);
    CHECK(store.queries.back().visible.user_id == bob.id);
  }
}

}  // namespace
}  // namespace kist::core
