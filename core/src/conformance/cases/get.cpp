// SPDX-License-Identifier: Apache-2.0
// Whole secrets or none, and nobody else's.

#include <doctest/doctest.h>

#include "samples.hpp"
#include "store_client.hpp"

namespace kist::conformance {
namespace {

TEST_SUITE("get") {
  TEST_CASE("ST-5: a secret that does not exist is not found") {
    const StoreHome home;
    StoreClient store(home);
    const Secret other = secret_named("other");
    store.create(other);
    CHECK(store.text(random_id()) == "not_found");
    CHECK(store.text(Uuid()) == "not_found");
    CHECK(store.text(other.id) == text_of(other));
  }

  TEST_CASE("ST-5: what cannot be read is corrupt, and never a part of it is returned") {
    KIST_APPLIES_IF(!store_under_test().damage_values.empty(),
                    "the test configuration has no damage_values");
    const StoreHome home;
    const Secret damaged = secret_named("damaged"), whole = secret_named("whole");
    {
      StoreClient store(home);
      store.create(damaged);
      store.create(whole);
    }
    home.damage_values(damaged.id);
    StoreClient store(home);
    CHECK(store.text(damaged.id) == "corrupt");
    CHECK(store.text(whole.id) == text_of(whole));

    SUBCASE("ST-9: a list goes on") { CHECK(store.list().rows.size() == 2); }
    SUBCASE("ST-16: a patch is refused, for it needs the other values") {
      SecretUpdate update = update_of(damaged.id);
      update.values = patch_of({{"k", "new"}});
      CHECK(outcome_of([&] { store.update(update); }) == "corrupt");
    }
    SUBCASE("ST-16: a full replacement heals it") {
      SecretUpdate update = update_of(damaged.id);
      update.values = patch_of({{"k", "new"}});
      update.replace_values = true;
      const Secret healed = store.update(update);
      CHECK(healed.values.size() == 1);
      CHECK(healed.revision == 2);
      CHECK(store.text(damaged.id) == text_of(healed));
    }
    SUBCASE("ST-16: it can be deleted, and its name used again") {
      store.remove(damaged.id);
      CHECK(store.text(damaged.id) == "not_found");
      CHECK(outcome_of([&] { store.create(secret_named("damaged")); }) == "done");
    }
  }

  TEST_CASE("ST-6: the secrets of another deployment do not exist") {
    const StoreHome home;
    StoreClient ours(home);
    const Secret secret = secret_named("name");
    ours.create(secret);

    std::unique_ptr<SecretsStoreInterface> opened;
    const std::string outcome = outcome_of([&] { opened = home.open_for(random_id()); });
    if (outcome != "done") {
      CHECK_MESSAGE(outcome == "failed_precondition", "the other way to hide them is to refuse");
      return;
    }
    StoreClient theirs(std::move(opened));
    CHECK(theirs.list().rows.empty());
    CHECK(theirs.text(secret.id) == "not_found");
    SecretUpdate update = update_of(secret.id);
    update.values = patch_of({{"k", "theirs"}});
    CHECK(outcome_of([&] { theirs.update(update); }) == "not_found");
    update.replace_values = true;
    CHECK(outcome_of([&] { theirs.update(update); }) == "not_found");
    CHECK(outcome_of([&] { theirs.remove(secret.id); }) == "not_found");
    CHECK(outcome_of([&] { theirs.create(secret_named("name")); }) == "done");
    CHECK(theirs.list().rows.size() == 1);
    CHECK(ours.text(secret.id) == text_of(secret));
    CHECK(ours.list().rows.size() == 1);
  }
}

}  // namespace
}  // namespace kist::conformance
