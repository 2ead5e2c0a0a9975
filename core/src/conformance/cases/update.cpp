// SPDX-License-Identifier: Apache-2.0
// What an update changes, what it leaves alone, and when it is refused.

#include <doctest/doctest.h>

#include "samples.hpp"
#include "store_client.hpp"

namespace kist::conformance {
namespace {

TEST_SUITE("update") {
  TEST_CASE("ST-10: the values of an update are a patch") {
    struct Case {
      std::string_view what;
      Pairs set;
      std::initializer_list<std::string_view> removed;
      Pairs expected;
    };
    const Case cases[] = {
        {"a new key", {{"c", "3"}}, {}, {{"a", "1"}, {"b", "2"}, {"c", "3"}}},
        {"another value", {{"a", "other"}}, {}, {{"a", "other"}, {"b", "2"}}},
        {"an empty value", {{"a", ""}}, {}, {{"a", ""}, {"b", "2"}}},
        {"a removal", {}, {"a"}, {{"b", "2"}}},
        {"a removal of what is not there", {}, {"x"}, {{"a", "1"}, {"b", "2"}}},
        {"both", {{"c", "3"}}, {"a"}, {{"b", "2"}, {"c", "3"}}},
        {"a removal of all", {}, {"a", "b"}, {}},
        {"nothing", {}, {}, {{"a", "1"}, {"b", "2"}}},
    };
    const StoreHome home;
    StoreClient store(home);
    for (const Case& patch : cases) {
      CAPTURE(patch.what);
      Secret secret = secret_named(std::to_string(&patch - cases), {{"a", "1"}, {"b", "2"}});
      store.create(secret);
      SecretUpdate update = update_of(secret.id);
      update.values = patch_of(patch.set, patch.removed);
      const Secret updated = store.update(update);
      secret.values = values_of(patch.expected);
      secret.updated = updated.updated;  // Which it is to be, says ST-11.
      secret.revision = updated.revision;
      CHECK(text_of(updated) == text_of(secret));
      CHECK(store.text(secret.id) == text_of(secret));
    }
  }

  TEST_CASE("ST-10: a replacement is the whole new map") {
    const StoreHome home;
    StoreClient store(home);
    Secret secret = secret_named("name", {{"a", "1"}, {"b", "2"}});
    store.create(secret);
    SecretUpdate update = update_of(secret.id);
    update.replace_values = true;
    const auto expect = [&](const Pairs& pairs) {
      update.values = patch_of(pairs);
      const Secret updated = store.update(update);
      secret.values = values_of(pairs);
      secret.updated = updated.updated;
      secret.revision = updated.revision;
      CHECK(text_of(updated) == text_of(secret));
      CHECK(store.text(secret.id) == text_of(secret));
    };
    expect({{"b", "new"}, {"c", "3"}});
    expect({});
  }

  TEST_CASE("ST-11: an update changes what it names, the time and the revision") {
    const StoreHome home;
    StoreClient store(home);
    Secret secret = secret_named("name");
    store.create(secret);
    const auto expect = [&](const SecretUpdate& update) {
      secret.updated = update.updated;
      ++secret.revision;
      CHECK(text_of(store.update(update)) == text_of(secret));
      CHECK(store.text(secret.id) == text_of(secret));
    };
    SecretUpdate update = update_of(secret.id);
    expect(update);  // Of nothing.
    update.name = secret.name = "other";
    expect(update);
    update.name = "other";  // Its own name is no obstacle.
    expect(update);
    update.name.reset();
    update.scope = secret.scope = Scope::user;
    expect(update);
    update.scope = secret.scope = Scope::workspace;
    update.name = secret.name = repeated("\U0001f511", 255);
    update.values = patch_of({{"k", "v"}});
    secret.values.set("k", "v");
    update.updated = at(-1);  // The host's clock may go back; the store does not look.
    expect(update);
    CHECK(store.list().rows.size() == 1);
  }

  TEST_CASE("ST-11: a secret that does not exist is not found") {
    const StoreHome home;
    StoreClient store(home);
    SecretUpdate update = update_of(random_id());
    CHECK(outcome_of([&] { store.update(update); }) == "not_found");
    update.values = patch_of({{"k", "v"}});
    update.replace_values = true;
    CHECK(outcome_of([&] { store.update(update); }) == "not_found");
    update.if_revision = 1;
    CHECK(outcome_of([&] { store.update(update); }) == "not_found");
    CHECK(store.list().rows.empty());
  }

  TEST_CASE("ST-12: a name or scope that is taken is refused, and nothing has changed") {
    const StoreHome home;
    StoreClient store(home);
    const Secret holder = secret_named("taken");
    const Secret secret = secret_named("name");
    Secret of_user = secret_named("taken");
    of_user.scope = Scope::user;
    store.create(holder);
    store.create(secret);
    store.create(of_user);

    SecretUpdate rename = update_of(secret.id);
    rename.name = "taken";
    rename.values = patch_of({{"k", "v"}}, {"password"});
    CHECK(outcome_of([&] { store.update(rename); }) == "already_exists");
    CHECK(store.text(secret.id) == text_of(secret));

    SecretUpdate share = update_of(of_user.id);
    share.scope = Scope::workspace;
    share.values = patch_of({{"k", "v"}});
    CHECK(outcome_of([&] { store.update(share); }) == "already_exists");
    CHECK(store.text(of_user.id) == text_of(of_user));
    CHECK(store.text(holder.id) == text_of(holder));

    share.name = "free";
    CHECK_MESSAGE(outcome_of([&] { store.update(share); }) == "done",
                  "a new scope and a new name at once are one step");
  }

  TEST_CASE("ST-12: the old name is free at once, and the new one taken") {
    const StoreHome home;
    StoreClient store(home);
    const Secret secret = secret_named("old");
    store.create(secret);
    SecretUpdate rename = update_of(secret.id);
    rename.name = "new";
    store.update(rename);
    CHECK(outcome_of([&] { store.create(secret_named("new")); }) == "already_exists");
    CHECK(outcome_of([&] { store.create(secret_named("old")); }) == "done");
    rename.name = "old";
    CHECK(outcome_of([&] { store.update(rename); }) == "already_exists");
  }

  TEST_CASE("ST-13: with if_revision another revision is a conflict, and nothing has changed") {
    const StoreHome home;
    StoreClient store(home);
    const Secret secret = secret_named("name");
    store.create(secret);
    SecretUpdate update = update_of(secret.id);
    update.name = "other";
    update.values = patch_of({{"k", "v"}});
    for (const bool replace : {false, true}) {
      update.replace_values = replace;
      for (const std::uint64_t revision : {std::uint64_t{0}, std::uint64_t{2}, UINT64_MAX}) {
        CAPTURE(revision);
        update.if_revision = revision;
        CHECK(outcome_of([&] { store.update(update); }) == "conflict");
        CHECK(store.text(secret.id) == text_of(secret));
      }
    }
    update.if_revision = 1;
    CHECK(store.update(update).revision == 2);
    CHECK(outcome_of([&] { store.update(update); }) == "conflict");
    update.if_revision = 2;
    CHECK(store.update(update).revision == 3);
  }
}

}  // namespace
}  // namespace kist::conformance
