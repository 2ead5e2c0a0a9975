// SPDX-License-Identifier: Apache-2.0
// What is gone, and that nothing of it is in the way.

#include <doctest/doctest.h>

#include "samples.hpp"
#include "store_client.hpp"

namespace kist::conformance {
namespace {

TEST_SUITE("delete") {
  TEST_CASE("ST-15: a deleted secret is gone, and only that one") {
    const StoreHome home;
    StoreClient store(home);
    const Secret secret = secret_named("name"), other = secret_named("other");
    store.create(secret);
    store.create(other);
    store.remove(secret.id);
    CHECK(store.text(secret.id) == "not_found");
    CHECK(outcome_of([&] { store.update(update_of(secret.id)); }) == "not_found");
    CHECK(outcome_of([&] { store.remove(secret.id); }) == "not_found");
    CHECK(store.list().names() == std::vector<std::string>{"other"});
    CHECK(store.text(other.id) == text_of(other));
  }

  TEST_CASE("ST-15: the name and the id of a deleted secret can be used again at once") {
    const StoreHome home;
    StoreClient store(home);
    Secret secret = secret_named("name", {{"k", "old"}, {"only in the old one", "v"}});
    for (const Scope scope : {Scope::workspace, Scope::user}) {
      secret.scope = scope;
      store.create(secret);
      store.remove(secret.id);
    }
    const Secret namesake = secret_named("name", {{"k", "namesake"}});
    store.create(namesake);
    CHECK(store.text(namesake.id) == text_of(namesake));
    secret.name = "same id";
    secret.values = values_of({{"k", "new"}});
    store.create(secret);
    CHECK(store.text(secret.id) == text_of(secret));
  }

  TEST_CASE("ST-15: with if_revision another revision is a conflict, and nothing has changed") {
    const StoreHome home;
    StoreClient store(home);
    const Secret secret = secret_named("name");
    store.create(secret);
    const Secret updated = store.update(update_of(secret.id));
    for (const std::uint64_t revision : {std::uint64_t{0}, std::uint64_t{1}, UINT64_MAX}) {
      CHECK(outcome_of([&] { store.remove(secret.id, revision); }) == "conflict");
    }
    CHECK(store.text(secret.id) == text_of(updated));
    store.remove(secret.id, 2);
    CHECK(store.text(secret.id) == "not_found");
    CHECK(outcome_of([&] { store.remove(secret.id, 2); }) == "not_found");
  }
}

}  // namespace
}  // namespace kist::conformance
