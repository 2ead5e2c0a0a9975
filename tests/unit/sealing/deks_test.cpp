// SPDX-License-Identifier: Apache-2.0
#include "sealing/deks.hpp"

#include <chrono>
#include <future>
#include <latch>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "../secrets/failure_of.hpp"
#include "sealing_samples.hpp"

namespace kist::core {
namespace {

using testing::failure_of;
using testing::kDeployment;
using testing::keyring_of;
using testing::remote_keyring;
using testing::RemoteState;

constexpr std::chrono::seconds kPatience{60};

/// An envelope that was sealed with `dek`, as far as Deks looks at it.
std::string envelope_with(const Dek& dek) {
  return dek.header + std::string(kNonceBytes + kTagBytes, '\0');
}
std::shared_ptr<const Dek> unwrap(Deks& deks, const std::string& envelope) {
  const ParsedEnvelope parsed = parse_envelope(envelope);
  REQUIRE(!parsed.fault);
  return deks.unwrap(parsed.envelope);
}
/// The envelope of a DEK that another process made, and nobody has unwrapped here.
std::string strange_envelope(const Keyring& keyring) {
  return envelope_with(*Deks(keyring, kDeployment, {}).take(1).dek);
}

/// A KEK that wraps for as long as the test wants.
class SlowKek final : public KeyEncryptionKey {
 public:
  SlowKek(std::promise<void>& begun, std::shared_future<void> go_on)
      : begun_(begun), go_on_(std::move(go_on)) {}

  WrappedKey wrap(SecretView dek, std::string_view associated) const override {
    begun_.set_value();
    go_on_.wait();
    return key_.wrap(dek, associated);
  }
  std::optional<SecretValue> unwrap(const WrappedKey& wrapped,
                                    std::string_view associated) const override {
    return key_.unwrap(wrapped, associated);
  }

 private:
  std::promise<void>& begun_;
  std::shared_future<void> go_on_;
  LocalKey key_{testing::key_named("k1")};
};

TEST_SUITE("core/sealing/deks") {
  TEST_CASE("a DEK seals as many values as its limit says, and the next has a fresh one") {
    const Keyring keyring = keyring_of({"k1"}, "k1");
    Deks deks(keyring, kDeployment, {.uses = 5});
    const struct {
      std::uint64_t count, first_use;
      bool fresh;
    } cases[] = {{1, 0, true},  {2, 1, false}, {2, 3, false},  // Five: it is used up.
                 {1, 0, true},  {3, 1, false}, {2, 0, true},   // One is left, and not for two.
                 {3, 2, false}, {0, 5, false}, {5, 0, true},   // To the limit.
                 {7, 0, true},  {1, 0, true}};                 // One secret has one DEK.
    std::set<std::string> headers, keys;
    std::shared_ptr<const Dek> last;
    for (const auto& c : cases) {
      CAPTURE(&c - cases);
      const Deks::Uses uses = deks.take(c.count);
      CHECK(uses.first_use == c.first_use);
      CHECK((uses.dek != last) == c.fresh);
      CHECK(headers.insert(uses.dek->header).second == c.fresh);
      CHECK(keys.insert(std::string(uses.dek->key.reveal())).second == c.fresh);
      last = uses.dek;
    }
  }

  TEST_CASE("AT-50: no nonce is given twice under a DEK, to however many threads") {
    const Keyring keyring = keyring_of({"k1"}, "k1");
    Deks deks(keyring, kDeployment, {.uses = 100});
    constexpr int kThreads = 8, kTakes = 2000;
    std::latch start(kThreads);
    std::vector<std::vector<Deks::Uses>> taken(kThreads);
    std::vector<std::thread> threads;
    for (auto& mine : taken) {
      threads.emplace_back([&] {
        start.arrive_and_wait();
        for (std::uint64_t i = 0; i < kTakes; ++i) mine.push_back(deks.take(1 + i % 3));
      });
    }
    for (std::thread& thread : threads) thread.join();
    std::set<std::pair<std::string, std::uint64_t>> nonces;
    std::set<std::uint64_t> numbers;
    std::size_t repeated = 0, too_many = 0;
    for (const auto& mine : taken) {
      for (std::uint64_t i = 0; i < kTakes; ++i) {
        const Deks::Uses& uses = mine[i];
        numbers.insert(uses.dek->number);
        if (uses.first_use + 1 + i % 3 > 100) ++too_many;
        for (std::uint64_t use = 0; use < 1 + i % 3; ++use)
          if (!nonces.emplace(uses.dek->header, uses.first_use + use).second) ++repeated;
      }
    }
    CHECK(repeated == 0);
    CHECK(too_many == 0);
    CHECK(numbers.size() >= kThreads * (kTakes / 3) * 6 / 100);
  }

  TEST_CASE("a DEK is unwrapped once, and again after as many others as are kept") {
    RemoteState state;
    const Keyring keyring = remote_keyring(state);
    const std::string a = strange_envelope(keyring), b = strange_envelope(keyring),
                      c = strange_envelope(keyring);
    Deks deks(keyring, kDeployment, {.cached = 2});
    const struct {
      const std::string& envelope;
      int unwraps;
    } cases[] = {{a, 1}, {a, 1}, {b, 2}, {a, 2}, {c, 3}, {a, 3}, {b, 4}, {a, 4}, {c, 5}, {b, 6}};
    for (const auto& each : cases) {
      CAPTURE(&each - cases);
      const auto dek = unwrap(deks, each.envelope);
      CHECK(envelope_with(*dek) == each.envelope);
      CHECK(state.unwraps == each.unwraps);
    }
  }

  TEST_CASE("the DEK that seals opens without the KEK, however many others were unwrapped") {
    RemoteState state;
    const Keyring keyring = remote_keyring(state);
    Deks deks(keyring, kDeployment, {.cached = 2});
    for (int round = 0; round < 3; ++round) {
      const std::string sealed_now = envelope_with(*deks.take(1).dek);
      state.unwraps = 0;
      CHECK(unwrap(deks, sealed_now) == deks.take(1).dek);
      CHECK(state.unwraps == 0);
      for (int i = 0; i < 3; ++i) unwrap(deks, strange_envelope(keyring));
    }
  }

  TEST_CASE("AT-50: a KEK may be away and come back, and what is unwrapped opens meanwhile") {
    RemoteState state;
    const Keyring keyring = remote_keyring(state);
    const std::string strange = strange_envelope(keyring);
    Deks deks(keyring, kDeployment, {.uses = 2});
    state.is_away = true;
    const std::string away = "unavailable: the token 'hsm' does not answer";
    CHECK(failure_of([&] { deks.take(1); }) == away);
    CHECK(failure_of([&] { unwrap(deks, strange); }) == away);
    state.is_away = false;
    const auto dek = deks.take(1).dek;
    unwrap(deks, strange);
    state.is_away = true;
    CHECK(deks.take(1).dek == dek);
    CHECK(failure_of([&] { deks.take(1); }) == away);
    CHECK_NOTHROW(unwrap(deks, strange));
    CHECK_NOTHROW(unwrap(deks, envelope_with(*dek)));
    state.is_away = false;
    CHECK(deks.take(1).first_use == 0);
  }

  TEST_CASE("while a token wraps, what was unwrapped opens") {
    std::promise<void> begun, go_on;
    std::vector<KeyringKey> keys;
    keys.push_back({.id = "k1",
                    .source = "token 'hsm'",
                    .kek = std::make_unique<SlowKek>(begun, go_on.get_future().share())});
    const Keyring slow(std::move(keys), "k1");
    const std::string strange = strange_envelope(keyring_of({"k1"}, "k1"));
    Deks deks(slow, kDeployment, {});
    unwrap(deks, strange);
    auto sealing = std::async(std::launch::async, [&] { return deks.take(1); });
    begun.get_future().wait();
    auto opening = std::async(std::launch::async, [&] { return unwrap(deks, strange); });
    CHECK(opening.wait_for(kPatience) == std::future_status::ready);
    go_on.set_value();
    CHECK(sealing.get().first_use == 0);
  }

  TEST_CASE("AT-50: a DEK that does not unwrap is refused with its reason") {
    const Keyring keyring = keyring_of({"k1"}, "k1");
    const std::string envelope = strange_envelope(keyring);
    const auto failure = [&](const Keyring& ring, const Uuid& deployment) {
      Deks deks(ring, deployment, {});
      return failure_of([&] { unwrap(deks, envelope); });
    };
    const std::string does_not_unwrap =
        "does not unwrap its DEK: the envelope was altered or is of another deployment, or another "
        "key had this id";
    CHECK(failure(keyring, kDeployment).empty());
    CHECK(failure(keyring_of({"k2"}, "k2"), kDeployment) ==
          "failed_precondition: it is sealed with key 'k1', which is not in the keyring");
    CHECK(failure(keyring, testing::uuid_of(7)) == "corrupt: key 'k1' " + does_not_unwrap);

    std::vector<KeyringKey> another;
    another.push_back({.id = "k1",
                       .source = "token 'new'",
                       .kek = std::make_unique<LocalKey>(testing::key_named("k2"))});
    CHECK(failure({std::move(another), "k1"}, kDeployment) ==
          "corrupt: key 'k1' " + does_not_unwrap);

    std::vector<KeyringKey> missing;
    missing.push_back({.id = "k1", .source = "", .kek = nullptr, .problem = "there is no file"});
    missing.push_back(
        {.id = "k2", .source = "", .kek = std::make_unique<LocalKey>(testing::key_named("k2"))});
    CHECK(failure({std::move(missing), "k2"}, kDeployment) ==
          "failed_precondition: it is sealed with key 'k1', which cannot be had");
  }
}

}  // namespace
}  // namespace kist::core
