// SPDX-License-Identifier: Apache-2.0
#include "secrets/secrets_service.hpp"

#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "service_fixture.hpp"

namespace kist::core {
namespace {

using testing::failure_of;
using testing::ServiceFixture;

TEST_SUITE("core/secrets/secrets_service create") {
  TEST_CASE_FIXTURE(ServiceFixture, "the host sets id, owner, workspace and times") {
    NewSecret wanted = secret("db");
    wanted.workspace = "research";
    const Secret made = service.create(call, alice, wanted);
    CHECK(made.id == numbered_id(1));
    CHECK(made.user_id == alice.id);
    CHECK(made.workspace_id == directory.find_workspace("research")->id);
    CHECK((made.created == Timestamp(std::chrono::seconds(1))));
    CHECK((made.updated == made.created));
    CHECK(made.revision == 1);
    CHECK(shown(made.values) == "password=hunter2 user=root");
  }

  TEST_CASE_FIXTURE(ServiceFixture, "the default workspace takes what names none") {
    CHECK(create(alice, "db").workspace_id == directory.find_workspace("default")->id);
  }

  TEST_CASE_FIXTURE(ServiceFixture, "null values are dropped, an empty map and text are kept") {
    NewSecret wanted;
    wanted.name = "db";
    wanted.values.remove("gone");
    wanted.values.set("empty", "");
    CHECK(shown(service.create(call, alice, wanted).values) == "empty=");
    wanted.name = "bare";
    wanted.values = {};
    CHECK(service.create(call, alice, wanted).values.empty());
  }

  TEST_CASE_FIXTURE(ServiceFixture,
                    "AT-02: the name that is checked is the one that is stored and found") {
    for (const std::string name : {"../x", "a%2Fb", "e\u0301", "A", "a"}) {
      const Secret made = create(alice, name);
      CHECK(made.name == name);
      CHECK(store.calls.back() == "create " + name);
      CHECK(service.find(call, alice, name, {}).secret.id == made.id);
    }
  }

  TEST_CASE_FIXTURE(ServiceFixture, "AT-03: names that look alike are different secrets") {
    const char* const names[] = {"key", "Key", "\uFF4Bey", "k\u200Bey", "\u00E9", "e\u0301"};
    for (const char* const name : names) create(alice, name);
    for (const char* const name : names) {
      CHECK(service.find(call, alice, name, {}).secret.name == name);
    }
    CHECK(failure_of([&] { create(alice, " key"); }) ==
          "invalid_argument: the name ' key' begins with white space (U+0020)");
  }

  TEST_CASE_FIXTURE(ServiceFixture, "a request that breaks a rule never reaches the store") {
    NewSecret bad_key = secret("a");
    bad_key.values.set("", "x");
    NewSecret nil_id = secret("a");
    nil_id.id = Uuid{};
    NewSecret too_large = secret("a");
    too_large.values.set("k", std::string(kDefaultSecretBytes, 'x'));
    CHECK(failure_of([&] { service.create(call, alice, secret("a\n")); }) ==
          "invalid_argument: the name 'a\\x0a' holds the control character U+000A");
    CHECK(failure_of([&] { service.create(call, alice, bad_key); }) ==
          "invalid_argument: a key is empty; expected 1 to 255 bytes");
    CHECK(failure_of([&] { service.create(call, alice, nil_id); }) ==
          "invalid_argument: the id is the nil UUID; expected a random one");
    CHECK_THROWS_AS(service.create(call, alice, too_large), LimitExceeded);
    CHECK(store.calls.empty());
  }

  TEST_CASE_FIXTURE(ServiceFixture, "a create that repeats its id and content is a success") {
    NewSecret wanted = secret("db");
    wanted.id = numbered_id(77);
    const Secret first = service.create(call, alice, wanted);
    const Secret again = service.create(call, alice, wanted);
    CHECK(again.id == first.id);
    CHECK((again.created == first.created));
    CHECK(store.map.records.size() == 1);
  }

  TEST_CASE_FIXTURE(ServiceFixture, "a create with a taken id and other content is refused") {
    NewSecret wanted = secret("db");
    wanted.id = numbered_id(77);
    service.create(call, alice, wanted);
    const std::string taken =
        "already_exists: a secret with id 00000000-0000-0000-0000-00000000004d exists";
    const auto refused = [&](const Principal& who, NewSecret other) {
      other.id = numbered_id(77);
      return failure_of([&] { service.create(call, who, other); });
    };
    NewSecret other_value = secret("db"), more = secret("db"), other_key,
              other_place = secret("db");
    other_value.values.set("password", "hunter3");
    more.values.set("port", "1");
    other_key.name = "db";
    other_key.values.set("user", "root");
    other_key.values.set("passwort", "hunter2");
    other_place.workspace = "research";
    CHECK(refused(alice, std::move(other_value)) == taken);
    CHECK(refused(alice, std::move(more)) == taken);
    CHECK(refused(alice, std::move(other_key)) == taken);
    CHECK(refused(alice, std::move(other_place)) == taken);
    CHECK(refused(alice, secret("db2")) == taken);
    CHECK(refused(alice, secret("db", Scope::user)) == taken);
    CHECK(refused(bob, secret("db")) == taken);
    store.map.corrupt.insert(numbered_id(77));
    CHECK(refused(alice, secret("db")) == taken);
  }

  TEST_CASE_FIXTURE(ServiceFixture, "a taken name is refused, with a new id too") {
    create(alice, "db");
    NewSecret wanted = secret("db");
    wanted.id = numbered_id(77);
    const std::string taken = "already_exists: a secret named 'db' exists in the workspace scope";
    CHECK(failure_of([&] { service.create(call, bob, wanted); }) == taken);
    CHECK(failure_of([&] { create(bob, "db"); }) == taken);
  }
}

TEST_SUITE("core/secrets/secrets_service update") {
  TEST_CASE_FIXTURE(ServiceFixture, "a patch sets, overwrites and removes, and keeps the rest") {
    const Secret made = create(alice, "db");
    const Secret changed = service.update(
        call, alice, made.id, patch({{"user", nullptr}, {"absent", nullptr}, {"port", "1"}}));
    CHECK(shown(changed.values) == "password=hunter2 port=1");
    CHECK(changed.revision == 2);
    CHECK((changed.created == made.created));
    CHECK((changed.updated > made.updated));
  }

  TEST_CASE_FIXTURE(ServiceFixture, "a replacement is the whole new map, without its nulls") {
    const Secret made = create(alice, "db");
    SecretChange change = patch({{"port", "1"}, {"user", nullptr}});
    change.replace_values = true;
    CHECK(shown(service.update(call, alice, made.id, change).values) == "port=1");
  }

  TEST_CASE_FIXTURE(ServiceFixture, "without values a change leaves them alone") {
    const Secret made = create(alice, "db");
    SecretChange change;
    change.name = "db2";
    change.scope = Scope::user;
    change.replace_values = true;
    const Secret changed = service.update(call, alice, made.id, change);
    CHECK(changed.name == "db2");
    CHECK(changed.scope == Scope::user);
    CHECK(shown(changed.values) == "password=hunter2 user=root");
  }

  TEST_CASE_FIXTURE(ServiceFixture, "a taken new name changes nothing") {
    create(alice, "taken");
    const Secret made = create(alice, "db");
    SecretChange change = patch({{"user", "eve"}});
    change.name = "taken";
    CHECK(failure_of([&] { service.update(call, alice, made.id, change); }) ==
          "already_exists: a secret named 'taken' exists in the workspace scope");
    CHECK(shown(service.get(call, alice, made.id).secret.values) == "password=hunter2 user=root");
  }

  TEST_CASE_FIXTURE(ServiceFixture, "the limits hold after the patch is merged") {
    const Secret made = create(alice, "db");
    const std::string half(40 * 1024, 'x');
    service.update(call, alice, made.id, patch({{"a", half.c_str()}}));
    CHECK(failure_of([&] {
            service.update(call, alice, made.id, patch({{"b", half.c_str()}}));
          }) ==
          "resource_exhausted: the secret's keys and values would take 81945 bytes; the limit is "
          "65536");
    CHECK_NOTHROW(
        service.update(call, alice, made.id, patch({{"a", nullptr}, {"b", half.c_str()}})));
    CHECK_NOTHROW(service.update(call, alice, made.id, patch({{"b", half.c_str()}})));
  }

  TEST_CASE("the limits count keys and bytes exactly after the merge") {
    ServiceFixture small(Limits{.max_keys = 3, .max_secret_bytes = 24});
    const Secret made = small.create(small.alice, "db");  // 8 + 7 + 4 + 4 = 23 bytes.
    const auto failure = [&](const SecretChange& change) {
      return failure_of([&] { small.service.update(small.call, small.alice, made.id, change); });
    };
    CHECK(failure(small.patch({{"user", "root1"}})).empty());
    CHECK(failure(small.patch({{"user", "root12"}})) ==
          "resource_exhausted: the secret's keys and values would take 25 bytes; the limit is 24");
    CHECK(failure(small.patch({{"password", ""}, {"x", ""}})).empty());
    CHECK(failure(small.patch({{"y", ""}})) ==
          "resource_exhausted: the secret would have 4 keys; the limit is 3");
    CHECK(failure(small.patch({{"x", nullptr}, {"y", ""}})).empty());
  }

  TEST_CASE_FIXTURE(ServiceFixture, "concurrent patches of different keys both survive") {
    const Secret made = create(alice, "db");
    int others = 3;
    store.before_update = [&] {
      if (others-- <= 0) return;
      SecretUpdate other;
      other.id = made.id;
      other.values.emplace().set("other" + std::to_string(others), "1");
      store.map.update_secret(call, other);
    };
    const Secret changed = service.update(call, alice, made.id, patch({{"mine", "1"}}));
    CHECK(shown(changed.values) == "mine=1 other0=1 other1=1 other2=1 password=hunter2 user=root");
    CHECK(changed.revision == 5);
  }

  TEST_CASE_FIXTURE(ServiceFixture, "a concurrent patch counts when the limit is checked") {
    const Secret made = create(alice, "db");
    store.before_update = [&] {
      store.before_update = nullptr;
      SecretUpdate other;
      other.id = made.id;
      other.values.emplace().set("other", std::string(40 * 1024, 'x'));
      store.map.update_secret(call, other);
    };
    const std::string half(40 * 1024, 'x');
    CHECK_THROWS_AS(service.update(call, alice, made.id, patch({{"mine", half.c_str()}})),
                    LimitExceeded);
  }

  TEST_CASE_FIXTURE(ServiceFixture, "an update that others overtake without end gives up") {
    const Secret made = create(alice, "db");
    store.before_update = [&] {
      SecretUpdate other;
      other.id = made.id;
      store.map.update_secret(call, other);
    };
    CHECK(failure_of([&] {
            service.update(call, alice, made.id, patch({{"mine", "1"}}));
          }) ==
          "unavailable: secret 00000000-0000-0000-0000-000000000001 keeps changing: it was not "
          "updated");
  }

  TEST_CASE_FIXTURE(ServiceFixture, "a caller's revision is compared, and never retried") {
    const Secret made = create(alice, "db");
    SecretChange change = patch({{"mine", "1"}});
    change.if_revision = 7;
    const std::string conflict =
        "conflict: secret 00000000-0000-0000-0000-000000000001 is not at revision 7";
    CHECK(failure_of([&] { service.update(call, alice, made.id, change); }) == conflict);
    CHECK(failure_of([&] { service.remove(call, alice, made.id, 7); }) == conflict);
    CHECK(store.calls.back() == "delete");
    change.if_revision = 1;
    CHECK(service.update(call, alice, made.id, change).revision == 2);
    CHECK_NOTHROW(service.remove(call, alice, made.id, 2));
  }

  TEST_CASE_FIXTURE(ServiceFixture, "only a patch that adds is tied to a revision") {
    const Secret made = create(alice, "db");
    SecretChange rename;
    rename.name = "db2";
    SecretChange replacement = patch({{"a", "b"}});
    replacement.replace_values = true;
    store.calls.clear();
    service.update(call, alice, made.id, rename);
    service.update(call, alice, made.id, replacement);
    service.update(call, alice, made.id, patch({{"x", nullptr}}));
    service.update(call, alice, made.id, patch({{"x", "y"}}));
    CHECK(store.calls == std::vector<std::string>{"get", "update", "get", "update", "get", "update",
                                                  "get", "update at 4"});
  }

  TEST_CASE_FIXTURE(ServiceFixture, "a corrupt secret can be replaced and deleted, not patched") {
    const Secret made = create(alice, "db");
    store.map.corrupt.insert(made.id);
    CHECK(failure_of([&] { service.get(call, alice, made.id); }) ==
          "corrupt: map: the values are damaged");
    CHECK(failure_of([&] {
            service.update(call, alice, made.id, patch({{"a", "b"}}));
          }) == "corrupt: map: the values are damaged");
    CHECK(failure_of([&] {
            service.update(call, alice, made.id, patch({{"a", nullptr}}));
          }) == "corrupt: map: the values are damaged");
    CHECK(service.find_metadata(call, alice, "db", {}).id == made.id);
    SecretChange replacement = patch({{"a", "b"}});
    replacement.replace_values = true;
    CHECK(shown(service.update(call, alice, made.id, replacement).values) == "a=b");

    store.map.corrupt.insert(made.id);
    CHECK_NOTHROW(service.remove(call, alice, made.id, {}));
    CHECK_NOTHROW(create(alice, "db"));
  }

  TEST_CASE_FIXTURE(ServiceFixture,
                    "a secret whose key is lost or out of reach can be replaced and deleted") {
    for (const ErrorCode code : {ErrorCode::failed_precondition, ErrorCode::unavailable}) {
      store.map.corrupt_code = code;
      const Secret made = create(alice, "db");
      store.map.corrupt.insert(made.id);
      CHECK(service.find_metadata(call, alice, "db", {}).id == made.id);
      SecretChange replacement = patch({{"a", "b"}});
      replacement.replace_values = true;
      CHECK(shown(service.update(call, alice, made.id, replacement).values) == "a=b");
      store.map.corrupt.insert(made.id);
      CHECK_NOTHROW(service.remove(call, alice, made.id, {}));
    }
  }

  TEST_CASE_FIXTURE(ServiceFixture, "what is not there can be neither changed nor deleted") {
    const std::string absent =
        "not_found: there is no secret with id 00000000-0000-0000-0000-000000000063";
    CHECK(failure_of([&] { service.get(call, alice, numbered_id(99)); }) == absent);
    CHECK(failure_of([&] { service.update(call, alice, numbered_id(99), {}); }) == absent);
    CHECK(failure_of([&] { service.remove(call, alice, numbered_id(99), {}); }) == absent);
    const Secret made = create(alice, "db");
    store.before_update = [&] { store.map.records.clear(); };
    CHECK(failure_of([&] { service.update(call, alice, made.id, {}); }) ==
          "not_found: there is no secret with id 00000000-0000-0000-0000-000000000001");
  }
}

}  // namespace
}  // namespace kist::core
