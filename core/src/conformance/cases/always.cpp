// SPDX-License-Identifier: Apache-2.0
// What holds for every operation: deadlines, what is kept, what is given back.

#include <chrono>
#include <functional>

#include <doctest/doctest.h>

#include "loader/host_call.hpp"
#include "samples.hpp"
#include "store_client.hpp"

namespace kist::conformance {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kGrace{250};  // ST-17

struct Operation {
  std::string_view name;
  std::function<void(SecretsStoreInterface&, Call&)> run;
};

/// Each operation, in a way that would succeed and change something.
std::vector<Operation> operations(const Uuid& existing) {
  return {
      {"create", [](auto& store, auto& call) { store.create_secret(call, secret_named("new")); }},
      {"get", [=](auto& store, auto& call) { store.get_secret(call, existing); }},
      {"list",
       [](auto& store, auto& call) {
         Listing listing;
         store.list_secrets(call, {}, listing);
       }},
      {"update",
       [existing](auto& store, auto& call) {
         SecretUpdate change = update_of(existing);
         change.values = patch_of({{"k", "v"}});
         store.update_secret(call, change);
       }},
      {"delete",
       [=](auto& store, auto& call) { store.delete_secret(call, existing, std::nullopt); }},
      {"health", [](auto& store, auto& call) { store.check_health(call); }},
  };
}

void check_all_give_up(core::HostCall& call, std::string_view expected) {
  const StoreHome home;
  StoreClient store(home);
  const Secret secret = secret_named("name");
  store.create(secret);
  for (const Operation& operation : operations(secret.id)) {
    CAPTURE(operation.name);
    const auto start = std::chrono::steady_clock::now();
    CHECK(outcome_of([&] { operation.run(store.interface(), call); }) == expected);
    CHECK(std::chrono::steady_clock::now() - start < kGrace);
  }
  CHECK(store.text(secret.id) == text_of(secret));
  CHECK(store.list().rows.size() == 1);
}

TEST_SUITE("always") {
  TEST_CASE("ST-17: a cancelled call returns within 250 ms and changes nothing") {
    core::HostCall call(kPatience);
    call.cancel();
    check_all_give_up(call, "cancelled");
  }

  TEST_CASE("ST-17: a call behind its deadline returns within 250 ms and changes nothing") {
    core::HostCall call(std::chrono::nanoseconds(0));
    check_all_give_up(call, "deadline_exceeded");
  }

  TEST_CASE("ST-17: a call without a deadline runs") {
    const StoreHome home;
    const auto store = home.open();
    core::HostCall call;
    const Secret secret = secret_named("name");
    CHECK(text_of(store->create_secret(call, secret.clone())) == text_of(secret));
  }

  TEST_CASE("ST-18: no file is named after a value, or is for others to read") {
    constexpr std::string_view canary = "canary-4b1d72c6e90f";
    const StoreHome home;
    StoreClient store(home);
    const Secret secret = secret_named("name", {{"k", canary}, {canary, "v"}});
    store.create(secret);
    for (const auto& entry : fs::recursive_directory_iterator(home.directory())) {
      CAPTURE(entry.path().native());
      CHECK(entry.path().native().find(canary) == std::string::npos);
      CHECK((entry.status().permissions() & (fs::perms::group_all | fs::perms::others_all)) ==
            fs::perms::none);
    }
  }

  TEST_CASE("ST-19: after close and open everything is as it was") {
    const StoreHome home;
    const bool persistent = store_under_test().persistent;
    std::vector<Secret> kept;
    Uuid deleted;
    {
      StoreClient store(home);
      for (int i = 0; i < 20; ++i) {
        Secret secret = secret_named("name " + std::to_string(i));
        if (i % 2 == 0) secret.scope = Scope::user;
        store.create(secret);
        SecretUpdate update = update_of(secret.id);
        update.name = "renamed " + std::to_string(i);
        update.values = patch_of({{"k", std::to_string(i)}}, {"user"});
        kept.push_back(i % 3 == 0 ? store.update(update) : std::move(secret));
      }
      const Secret gone = secret_named("gone");
      deleted = gone.id;
      store.create(gone);
      store.remove(deleted);
    }
    StoreClient store(home);
    CHECK(store.text(deleted) == "not_found");
    CHECK(store.list().rows.size() == (persistent ? kept.size() : 0));
    for (const Secret& secret : kept) {
      CHECK(store.text(secret.id) == (persistent ? text_of(secret) : "not_found"));
      Secret namesake = secret.clone();
      namesake.id = random_id();
      CHECK(outcome_of([&] { store.create(namesake); }) ==
            (persistent ? "already_exists" : "done"));
    }
  }

  TEST_CASE("ST-21: a store that can serve is healthy") {
    const StoreHome home;
    StoreClient store(home);
    CHECK(outcome_of([&] { store.check_health(); }) == "done");
  }

  TEST_CASE("KP-13: two open stores do not get in each other's way") {
    const StoreHome first_home, second_home;
    StoreClient first(first_home), second(second_home);
    const Secret secret = secret_named("name");
    first.create(secret);
    CHECK(second.text(secret.id) == "not_found");
    CHECK(outcome_of([&] { second.create(secret); }) == "done");
    second.remove(secret.id);
    CHECK(first.text(secret.id) == text_of(secret));
  }
}

}  // namespace
}  // namespace kist::conformance
