// SPDX-License-Identifier: Apache-2.0
#include "sealing/rewrap.hpp"

#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "../secrets/store_in_memory.hpp"
#include "sealing/key_usage.hpp"
#include "sealing_samples.hpp"

namespace kist::core {
namespace {

using testing::kDeployment;
using testing::keyring_of;
using testing::PlainCall;
using testing::shown;
using testing::StoreInMemory;
using testing::uuid_of;
using testing::values_of;

constexpr Timestamp kUpdated{std::chrono::microseconds(1'000'007)};

void each_call(const std::function<void(Call&)>& work) {
  PlainCall call;
  work(call);
}

std::string text_of(const RewrapCounts& counts) {
  const auto part = [](const char* name, std::uint64_t count) {
    return std::string(" ") + name + "=" + std::to_string(count);
  };
  return "scanned=" + std::to_string(counts.scanned) + part("rewrapped", counts.rewrapped) +
         part("skipped", counts.skipped) + part("failed", counts.failed) +
         part("unsealed", counts.unsealed) + part("remaining", counts.remaining());
}

/// A store behind a host whose keys were k1, then k2, of which k2 is current.
struct Fixture {
  void add(std::uint8_t id, SecretValues values) {
    Secret secret{{.id = uuid_of(id),
                   .name = "s" + std::to_string(id),
                   .scope = Scope::workspace,
                   .workspace_id = uuid_of(200),
                   .user_id = uuid_of(201),
                   .created = {},
                   .updated = kUpdated},
                  std::move(values)};
    store.map.records.insert_or_assign(secret.id, std::move(secret));
  }
  SecretValues sealed_by(Sealer& by, std::uint8_t id, testing::Pairs pairs) const {
    return by.seal(uuid_of(id), values_of(pairs));
  }
  void add_old(std::uint8_t id, testing::Pairs pairs = {{"k", "v"}}) {
    add(id, sealed_by(old_sealer, id, pairs));
  }
  Secret& at(std::uint8_t id) { return store.map.records.at(uuid_of(id)); }
  std::string value_at(std::uint8_t id, std::string_view key) {
    return std::string(at(id).values.find(key)->reveal());
  }

  RewrapCounts run(RewrapOptions options = {}) { return run_on(store, std::move(options)); }
  RewrapCounts run_on(SecretsStoreInterface& on, RewrapOptions options = {}) {
    options.failed = [&](const Error& error) {
      failures.push_back(std::string(to_string(error.code)) + ": " + std::string(error.message()));
    };
    Rewrap rewrap(on, sealer, std::move(options));
    rewrap.run(each_call);
    return rewrap.counts();
  }
  /// What a ring without the old key reads.
  std::string opened(std::uint8_t id) { return shown(new_sealer.open(uuid_of(id), at(id).values)); }

  const Keyring old_ring = keyring_of({"k1"}, "k1");
  const Keyring ring = keyring_of({"k1", "k2"}, "k2");
  const Keyring new_ring = keyring_of({"k2"}, "k2");
  Sealer old_sealer{old_ring, kDeployment}, sealer{ring, kDeployment},
      new_sealer{new_ring, kDeployment};
  StoreInMemory store;
  std::vector<std::string> failures;
};

/// Fails at its n-th call: before it does what is asked for, or after it has done it.
class FailingStore final : public SecretsStoreInterface {
 public:
  FailingStore(SecretsStoreInterface& store, int fails_at, bool after)
      : store_(store), left_(fails_at), after_(after) {}

  Secret create_secret(Call&, Secret) override { throw Error(ErrorCode::internal, "not here"); }
  Secret get_secret(Call& call, const Uuid& id) override {
    const bool fails = is_last();
    if (fails && !after_) fail();
    Secret secret = store_.get_secret(call, id);
    if (fails) fail();
    return secret;
  }
  void list_secrets(Call& call, const ListQuery& query, ListSink& sink) override {
    const bool fails = is_last();
    if (fails && !after_) fail();
    store_.list_secrets(call, query, sink);
    if (fails) fail();
  }
  Secret update_secret(Call& call, const SecretUpdate& update) override {
    const bool fails = is_last();
    if (fails && !after_) fail();
    Secret secret = store_.update_secret(call, update);
    if (fails) fail();
    return secret;
  }
  void delete_secret(Call&, const Uuid&, std::optional<std::uint64_t>) override {
    throw Error(ErrorCode::internal, "not here");
  }

 private:
  bool is_last() { return --left_ == 0; }
  [[noreturn]] static void fail() { throw Error(ErrorCode::unavailable, "the power went out"); }

  SecretsStoreInterface& store_;
  int left_;
  const bool after_;
};

/// Lists what it has in disorder, and some of it twice.
class DisorderlyStore final : public SecretsStoreInterface {
 public:
  Secret create_secret(Call&, Secret) override { throw Error(ErrorCode::internal, "not here"); }
  Secret get_secret(Call&, const Uuid& id) override {
    read.push_back(id);
    throw Error(ErrorCode::not_found, "nothing");
  }
  void list_secrets(Call&, const ListQuery&, ListSink& sink) override {
    for (const std::uint8_t id : std::initializer_list<std::uint8_t>{3, 1, 2, 3, 1}) {
      SecretMetadata row;
      row.id = uuid_of(id);
      sink.item(row);
    }
  }
  Secret update_secret(Call&, const SecretUpdate&) override {
    throw Error(ErrorCode::internal, "not here");
  }
  void delete_secret(Call&, const Uuid&, std::optional<std::uint64_t>) override {
    throw Error(ErrorCode::internal, "not here");
  }

  std::vector<Uuid> read;
};

TEST_SUITE("core/sealing/rewrap") {
  TEST_CASE("secrets are taken in the order of their ids and once, however the store lists them") {
    Fixture f;
    DisorderlyStore store;
    CHECK(text_of(f.run_on(store)) ==
          "scanned=3 rewrapped=0 skipped=3 failed=0 unsealed=0 remaining=0");
    CHECK(store.read == std::vector<Uuid>{uuid_of(1), uuid_of(2), uuid_of(3)});
  }

  TEST_CASE("only what is not under the current key is written, and nothing else changes") {
    Fixture f;
    f.add_old(1, {{"a", "1"}, {"b", "2"}});
    f.add(2, f.sealed_by(f.sealer, 2, {{"k", "v"}}));
    f.add(3, {});
    SecretValues mixed = f.sealed_by(f.sealer, 4, {{"new", "n"}});
    mixed.set("old", f.sealed_by(f.old_sealer, 4, {{"old", "o"}}).find("old")->reveal());
    f.add(4, std::move(mixed));
    const std::string current = f.value_at(2, "k"), fresh = f.value_at(4, "new");
    CHECK(text_of(f.run()) == "scanned=4 rewrapped=2 skipped=2 failed=0 unsealed=0 remaining=0");
    CHECK(f.opened(1) == "a=1 b=2");
    CHECK(f.opened(4) == "new=n old=o");
    CHECK(f.value_at(2, "k") == current);
    CHECK(f.value_at(4, "new") == fresh);
    for (std::uint8_t id = 1; id <= 4; ++id) {
      CAPTURE(static_cast<int>(id));
      CHECK(f.at(id).updated == kUpdated);
      CHECK(f.at(id).revision == (id == 1 || id == 4 ? 2 : 1));
    }
    CHECK(f.store.calls == std::vector<std::string>{"list", "get", "update at 1", "get", "get",
                                                    "get", "update at 1"});
    f.store.calls.clear();
    CHECK(text_of(f.run()) == "scanned=4 rewrapped=0 skipped=4 failed=0 unsealed=0 remaining=0");
    CHECK(f.store.calls == std::vector<std::string>{"list", "get", "get", "get", "get"});
    CHECK(f.failures.empty());
  }

  TEST_CASE(
      "a limit ends the run, repeated runs make progress past what fails, and come to an end") {
    Fixture f;
    for (std::uint8_t id = 1; id <= 5; ++id) f.add_old(id);
    f.at(2).values.set("k", "\xFEKST\x01");  // In the way of every run, and ends none.
    const char* const expected[] = {
        "scanned=3 rewrapped=2 skipped=0 failed=1 unsealed=0 remaining=2",
        "scanned=5 rewrapped=2 skipped=2 failed=1 unsealed=0 remaining=0",
        "scanned=5 rewrapped=0 skipped=4 failed=1 unsealed=0 remaining=0"};
    for (const char* const counts : expected) CHECK(text_of(f.run({.limit = 2})) == counts);
    CHECK(text_of(f.run({.limit = 0})) ==
          "scanned=0 rewrapped=0 skipped=0 failed=0 unsealed=0 remaining=5");
  }

  TEST_CASE("a dry run counts what would be done, and writes nothing") {
    Fixture f;
    f.add_old(1);
    f.add_old(2);
    f.at(2).values.set("k", "\xFEKST\x01");
    CHECK(text_of(f.run({.dry_run = true})) ==
          "scanned=2 rewrapped=1 skipped=0 failed=1 unsealed=0 remaining=0");
    CHECK(f.store.calls == std::vector<std::string>{"list", "get", "get"});
    CHECK(f.failures.size() == 1);
  }

  TEST_CASE("what others write in between is kept, and sealed anew itself if need be") {
    Fixture f;
    f.add_old(1, {{"a", "1"}, {"b", "2"}});
    int writes = 0;
    f.store.before_update = [&] {
      if (++writes > 2) return;  // One after the other, by a host that does not know the new key.
      f.at(1).values.set(
          "a", f.sealed_by(f.old_sealer, 1, {{"a", writes == 1 ? "3" : "4"}}).find("a")->reveal());
      ++f.at(1).revision;
    };
    CHECK(text_of(f.run()) == "scanned=1 rewrapped=1 skipped=0 failed=0 unsealed=0 remaining=0");
    CHECK(f.opened(1) == "a=4 b=2");
    CHECK(f.at(1).revision == 4);
  }

  TEST_CASE("a secret that never stops changing has failed, and the run goes on") {
    Fixture f;
    f.add_old(1);
    f.add_old(2);
    int writes = 0;
    f.store.before_update = [&] {
      if (++writes <= kMaxRewrapAttempts) ++f.at(1).revision;
    };
    CHECK(text_of(f.run()) == "scanned=2 rewrapped=1 skipped=0 failed=1 unsealed=0 remaining=0");
    CHECK(f.failures == std::vector<std::string>{"conflict: secret " + uuid_of(1).to_string() +
                                                 " is not at revision 20"});
  }

  TEST_CASE("a secret that is deleted in between is skipped") {
    Fixture f;
    f.add_old(1, {{"k", "v"}});
    f.add_old(2);
    f.at(1).values.set("plain", "p");
    f.store.before_update = [&] { f.store.map.records.erase(uuid_of(1)); };
    CHECK(text_of(f.run()) == "scanned=2 rewrapped=1 skipped=1 failed=0 unsealed=0 remaining=0");
    CHECK(f.failures.empty());
  }

  TEST_CASE("what cannot be opened is named with its reason and left, and the run goes on") {
    Fixture f;
    for (std::uint8_t id = 1; id <= 5; ++id) f.add_old(id);
    f.at(1).values = f.at(5).values.clone();  // Of another secret.
    const Keyring lost = keyring_of({"k9"}, "k9");
    Sealer lost_sealer(lost, kDeployment);
    f.at(2).values = f.sealed_by(lost_sealer, 2, {{"k", "v"}});
    f.at(3).values.set("k", f.value_at(3, "k").substr(0, 40));
    f.store.map.corrupt.insert(uuid_of(4));
    const std::string before[] = {f.value_at(1, "k"), f.value_at(2, "k"), f.value_at(3, "k")};
    CHECK(text_of(f.run()) == "scanned=5 rewrapped=1 skipped=0 failed=4 unsealed=0 remaining=0");
    const auto cannot = [](std::uint8_t id) {
      return "secret " + uuid_of(id).to_string() + ": the value of key 'k' cannot be opened: ";
    };
    CHECK(f.failures ==
          std::vector<std::string>{
              "corrupt: " + cannot(1) +
                  "it is sealed with key 'k1', and was altered or belongs to another secret or key",
              "failed_precondition: " + cannot(2) +
                  "it is sealed with key 'k9', which is not in the keyring",
              "corrupt: " + cannot(3) + "its envelope is cut off",
              "corrupt: secret " + uuid_of(4).to_string() + ": map: the values are damaged"});
    for (std::uint8_t id = 1; id <= 3; ++id) CHECK(f.value_at(id, "k") == before[id - 1]);
    CHECK(f.opened(5) == "k=v");
  }

  TEST_CASE("a secret is named once, whether the store's words name it or not") {
    const std::string id = uuid_of(1).to_string();
    const auto message = [&](const std::string& text) {
      return std::string(naming_secret(uuid_of(1), {ErrorCode::corrupt, text}).message());
    };
    CHECK(message("sqlite: damaged") == "secret " + id + ": sqlite: damaged");
    CHECK(message("secret " + id + ": damaged") == "secret " + id + ": damaged");
    CHECK(message("sqlite: the values of secret " + id + " are damaged") ==
          "sqlite: the values of secret " + id + " are damaged");
  }

  TEST_CASE("values that were never sealed are counted and left, unless they are to be sealed") {
    Fixture f;
    f.add(1, values_of({{"k", "plain"}}));
    f.add_old(2, {{"a", "1"}});
    f.at(2).values.set("b", "plain");
    f.at(2).values.set("c", "");
    CHECK(text_of(f.run()) == "scanned=2 rewrapped=1 skipped=1 failed=0 unsealed=2 remaining=0");
    CHECK(f.value_at(1, "k") == "plain");
    CHECK(f.value_at(2, "b") == "plain");
    CHECK(text_of(f.run({.seal_unsealed = true})) ==
          "scanned=2 rewrapped=2 skipped=0 failed=0 unsealed=0 remaining=0");
    CHECK(f.opened(1) == "k=plain");
    CHECK(f.opened(2) == "a=1 b=plain c=");
  }

  TEST_CASE("AT-50: a rewrap interrupted at every step loses nothing, and the next one finishes") {
    int steps = 0;
    for (const bool after : {false, true}) {
      for (int step = 1;; ++step) {
        CAPTURE(after);
        CAPTURE(step);
        Fixture f;
        for (std::uint8_t id = 1; id <= 4; ++id) f.add_old(id, {{"a", "1"}, {"b", "2"}});
        FailingStore failing(f.store, step, after);
        bool ended = false;
        try {
          f.run_on(failing);
          ended = true;
        } catch (const Error& error) {
          CHECK(error.message() == "the power went out");
        }
        for (std::uint8_t id = 1; id <= 4; ++id)
          CHECK(shown(f.sealer.open(uuid_of(id), f.at(id).values)) == "a=1 b=2");
        const std::uint64_t done = f.run().skipped;
        CHECK(done <= 4);
        for (std::uint8_t id = 1; id <= 4; ++id) {
          CHECK(f.opened(id) == "a=1 b=2");
          CHECK(f.at(id).revision == 2);  // No secret was written twice.
        }
        steps = step;
        if (ended) break;
      }
      CHECK(steps == 10);  // A listing, and a read and a write for each; then it gets through.
    }
  }

  TEST_CASE("a write of which nobody knows whether it was done is looked at again") {
    Fixture f;
    f.add_old(1);
    f.add_old(2);
    int writes = 0;
    f.store.before_update = [&] {
      if (++writes != 1) return;
      f.at(1).values = f.sealed_by(f.sealer, 1, {{"k", "v"}});
      throw Error(ErrorCode::indeterminate, "the connection broke at the commit");
    };
    CHECK(text_of(f.run()) == "scanned=2 rewrapped=2 skipped=0 failed=0 unsealed=0 remaining=0");
    CHECK(writes == 2);
  }

  TEST_CASE("AT-50: a KEK that is away ends the run with the counts so far") {
    Fixture f;
    testing::RemoteState state;
    std::vector<KeyringKey> keys;
    keys.push_back({.id = "k1",
                    .source = "token 'hsm'",
                    .kek = std::make_unique<testing::RemoteKek>(state, "k1")});
    keys.push_back({.id = "k2",
                    .source = "token 'hsm'",
                    .kek = std::make_unique<testing::RemoteKek>(state, "k2")});
    const Keyring ring(std::move(keys), "k2");
    Sealer sealer(ring, kDeployment);
    Sealer another(f.old_ring, kDeployment);  // With a DEK of its own.
    f.add_old(1);
    f.add(2, f.sealed_by(another, 2, {{"k", "v"}}));
    Rewrap rewrap(f.store, sealer,
                  {.advanced = [&](const RewrapCounts&) { state.is_away = true; }});
    CHECK_THROWS_WITH(rewrap.run(each_call), doctest::Contains("the token 'hsm' does not answer"));
    CHECK(text_of(rewrap.counts()) ==
          "scanned=1 rewrapped=1 skipped=0 failed=0 unsealed=0 remaining=1");
    CHECK(f.opened(1) == "k=v");
  }

  TEST_CASE("each secret is told of once, and has a call of its own") {
    Fixture f;
    for (std::uint8_t id = 1; id <= 3; ++id) f.add_old(id);
    int calls = 0;
    std::string told;
    Rewrap rewrap(f.store, f.sealer, {.advanced = [&](const RewrapCounts& counts) {
                    told +=
                        std::to_string(counts.scanned) + "/" + std::to_string(counts.total) + " ";
                  }});
    rewrap.run([&](const std::function<void(Call&)>& work) {
      ++calls;
      each_call(work);
    });
    CHECK(calls == 4);
    CHECK(told == "1/3 2/3 3/3 ");
  }

  TEST_CASE("usage says how many values are under each key, of whatever ring, and opens none") {
    Fixture f;
    f.add_old(1, {{"a", "1"}, {"b", "2"}});
    f.add(2, f.sealed_by(f.sealer, 2, {{"k", "v"}}));
    const Keyring lost = keyring_of({"k9"}, "k9");
    Sealer lost_sealer(lost, kDeployment);
    f.add(3, f.sealed_by(lost_sealer, 3, {{"k", "v"}}));
    f.at(3).values.set("plain", "p");
    f.at(3).values.set("cut", "\xFEKST\x01");
    f.at(3).values.set("later", "\xFEKST\x02");
    f.add_old(4);
    f.store.map.corrupt.insert(uuid_of(4));
    std::string told;
    const KeyUsage usage = key_usage(
        f.store, each_call,
        [&](std::uint64_t done, std::uint64_t all) {
          told += std::to_string(done) + "/" + std::to_string(all) + " ";
        },
        [&](const Error& error) { told += std::string(error.message()) + " "; });
    const std::map<std::string, std::uint64_t, std::less<>> expected = {
        {"k1", 2}, {"k2", 1}, {"k9", 1}};
    CHECK(usage.values == expected);
    CHECK(usage.under("k1") == 2);
    CHECK(usage.under("none") == 0);
    CHECK(usage.unsealed_values == 1);
    CHECK(usage.damaged_values == 2);
    CHECK(usage.unreadable_secrets == 1);
    CHECK(told ==
          "1/4 2/4 3/4 secret " + uuid_of(4).to_string() + ": map: the values are damaged 4/4 ");
  }
}

}  // namespace
}  // namespace kist::core
