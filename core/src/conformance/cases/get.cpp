// SPDX-License-Identifier: Apache-2.0
// Whole secrets or none, and nobody else's.

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "samples.hpp"
#include "store_client.hpp"

namespace kist::conformance {
namespace {

/// A store with two secrets, of which one has lost its values.
struct Damaged {
  Damaged() {
    {
      StoreClient before(home);
      before.create(lost);
      before.create(whole);
    }
    home.damage_values(lost.id);
    store.emplace(home);
  }
  static bool is_possible() { return !store_under_test().damage_values.empty(); }

  StoreHome home;
  Secret lost = secret_named("lost"), whole = secret_named("whole");
  std::optional<StoreClient> store;
};
constexpr const char* kNothingIsDamaged = "the test configuration has no damage_values";

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
    KIST_APPLIES_IF(Damaged::is_possible(), kNothingIsDamaged);
    Damaged place;
    CHECK(place.store->text(place.lost.id) == "corrupt");
    CHECK(place.store->text(place.whole.id) == text_of(place.whole));
    SecretUpdate update = update_of(place.lost.id);
    update.values = patch_of({{"k", "new"}});
    CHECK_MESSAGE(outcome_of([&] { place.store->update(update); }) == "corrupt",
                  "a patch needs the other values");
  }

  TEST_CASE("ST-9: a secret that cannot be read does not make a list fail") {
    KIST_APPLIES_IF(Damaged::is_possible(), kNothingIsDamaged);
    Damaged place;
    std::vector<std::string> names;
    CHECK(outcome_of([&] { names = place.store->list().names(); }) == "done");
    CHECK(std::ranges::count(names, "whole") == 1);
    CHECK(names.size() <= 2);
  }

  TEST_CASE("ST-16: a secret that has lost its values is listed") {
    KIST_APPLIES_IF(Damaged::is_possible(), kNothingIsDamaged);
    Damaged place;
    CHECK(place.store->list().rows.size() == 2);
  }

  TEST_CASE("ST-16: a full replacement heals a secret that has lost its values") {
    KIST_APPLIES_IF(Damaged::is_possible(), kNothingIsDamaged);
    // A back-end that knows contents by their hash could take those that it has lost for there.
    for (const bool as_before : {false, true}) {
      CAPTURE(as_before);
      Damaged place;
      SecretUpdate update = update_of(place.lost.id);
      update.values.emplace();
      if (as_before) {
        for (const auto [key, value] : place.lost.values) update.values->set(key, value.reveal());
      } else {
        update.values->set("k", "new");
      }
      update.replace_values = true;
      const Secret healed = place.store->update(update);
      CHECK(healed.values.size() == (as_before ? place.lost.values.size() : 1));
      CHECK(healed.revision == 2);
      CHECK(place.store->text(place.lost.id) == text_of(healed));
    }
  }

  TEST_CASE("ST-16: a secret that has lost its values can be deleted, and its name used again") {
    KIST_APPLIES_IF(Damaged::is_possible(), kNothingIsDamaged);
    Damaged place;
    place.store->remove(place.lost.id);
    CHECK(place.store->text(place.lost.id) == "not_found");
    CHECK(outcome_of([&] { place.store->create(secret_named("lost")); }) == "done");
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
