// SPDX-License-Identifier: Apache-2.0
// What a store holds when the host seals: envelopes, and nothing of a value.

#include <fstream>
#include <iterator>
#include <string>

#include <doctest/doctest.h>

#include "loader/host_call.hpp"
#include "samples.hpp"
#include "sealed_plugin_store.hpp"
#include "sealing/envelope.hpp"
#include "store_client.hpp"

namespace kist::conformance {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kCanary = "canary-7d20c19be4f3";

/// The store under test from both sides of the sealing.
struct BothSides {
  BothSides()
      : owner(std::make_unique<SealedPluginStore>(home.open_plugin(home.deployment_id()),
                                                  home.deployment_id())),
        behind(owner->behind()),
        front(std::move(owner)) {}

  Secret stored(const Uuid& id) {
    core::HostCall call(kPatience);
    return behind.get_secret(call, id);
  }
  /// Puts `bytes` behind the sealing's back where the value of `key` was.
  void store_under(const Uuid& id, std::string_view key, std::string_view bytes) {
    core::HostCall call(kPatience);
    SecretUpdate update = update_of(id);
    update.values.emplace();
    update.values->set(key, bytes);
    behind.update_secret(call, update);
  }

  StoreHome home;
  std::unique_ptr<SealedPluginStore> owner;  // Until the client has it.
  SecretsStoreInterface& behind;
  StoreClient front;
};

/// How often `text` stands in the files of `directory`.
std::size_t count_in_files(const fs::path& directory, std::string_view text) {
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    for (auto at = bytes.find(text); at != std::string::npos; at = bytes.find(text, at + 1))
      ++count;
  }
  return count;
}

/// Everything that brings values into a store, and takes them out again.
void write_canaries(StoreClient& store) {
  const std::string large = repeated(kCanary, 1000);
  const Secret kept = secret_named("kept", {{"name-of-key", kCanary}, {"large", large}});
  const Secret gone = secret_named("gone", {{"name-of-key", kCanary}});
  store.create(kept);
  store.create(gone);
  SecretUpdate update = update_of(kept.id);
  update.values = patch_of({{"another", kCanary}}, {"large"});
  store.update(update);
  update.replace_values = true;
  update.values = patch_of({{"name-of-key", kCanary}});
  store.update(update);
  CHECK(outcome_of([&] {
          store.create(secret_named("kept", {{"k", kCanary}}));
        }) == "already_exists");
  store.remove(gone.id);
  store.list();
  CHECK(store.get(kept.id).values.find("name-of-key")->reveal() == kCanary);
}

TEST_SUITE("sealed") {
  TEST_CASE("no value is in a file of a sealed store, whatever was done with it") {
    KIST_APPLIES_IF(store_under_test().sealed, "is not sealed");
    const StoreHome home;
    {
      StoreClient store(home);
      write_canaries(store);
      CHECK(count_in_files(home.directory(), kCanary) == 0);
    }
    CHECK(count_in_files(home.directory(), kCanary) == 0);
    KIST_APPLIES_IF(store_under_test().persistent, "has no files to look into");
    CHECK_MESSAGE(count_in_files(home.directory(), "name-of-key") > 0, "keys are not sealed");
    StoreClient unsealed(home.open_plugin(home.deployment_id()));
    unsealed.create(secret_named("plain", {{"k", kCanary}}));
    CHECK_MESSAGE(count_in_files(home.directory(), kCanary) > 0, "or the search finds nothing");
  }

  TEST_CASE("the store behind holds envelopes, and hands them out as they are") {
    KIST_APPLIES_IF(store_under_test().sealed, "is not sealed");
    BothSides store;
    const Secret secret =
        secret_named("name", {{"empty", ""}, {"password", kCanary}, {"zeros", {"\0\0\0", 3}}});
    CHECK(text_of(store.front.create(secret)) == text_of(secret));
    const Secret stored = store.stored(secret.id);
    CHECK(stored.values.size() == 3);
    for (const auto [key, value] : stored.values) {
      CHECK(!core::parse_envelope(value.reveal()).fault);
      CHECK(value.size() == secret.values.find(key)->size() + core::envelope_overhead(2));
    }
    CHECK(store.front.text(secret.id) == text_of(secret));
  }

  TEST_CASE("AT-50: a flipped bit, and an envelope from elsewhere, are corrupt (ST-5, ST-16)") {
    KIST_APPLIES_IF(store_under_test().sealed, "is not sealed");
    BothSides store;
    const Secret damaged = secret_named("damaged"), whole = secret_named("whole");
    store.front.create(damaged);
    store.front.create(whole);
    std::string flipped(store.stored(damaged.id).values.find("password")->reveal());
    flipped.back() = static_cast<char>(flipped.back() ^ 1);
    const Secret other = store.stored(whole.id), own = store.stored(damaged.id);
    for (const std::string_view bytes :
         {std::string_view(flipped), other.values.find("password")->reveal(),
          own.values.find("user")->reveal(), std::string_view("plain")}) {
      store.store_under(damaged.id, "password", bytes);
      CHECK(store.front.text(damaged.id) == "corrupt");
      CHECK(store.front.text(whole.id) == text_of(whole));
      CHECK(store.front.list().rows.size() == 2);
      const std::string before = text_of(store.stored(damaged.id));
      SecretUpdate update = update_of(damaged.id);
      update.values = patch_of({{"user", "bob"}});
      CHECK(outcome_of([&] { store.front.update(update); }) == "corrupt");
      CHECK(text_of(store.stored(damaged.id)) == before);
    }
    SUBCASE("a full replacement heals it") {
      SecretUpdate update = update_of(damaged.id);
      update.values = patch_of({{"k", "new"}});
      update.replace_values = true;
      CHECK(store.front.text(damaged.id) == "corrupt");
      const Secret healed = store.front.update(update);
      CHECK(healed.values.size() == 1);
      CHECK(store.front.text(damaged.id) == text_of(healed));
    }
    SUBCASE("it can be deleted, and its name used again") {
      store.front.remove(damaged.id);
      CHECK(outcome_of([&] { store.front.create(secret_named("damaged")); }) == "done");
    }
  }
}

}  // namespace
}  // namespace kist::conformance
