// SPDX-License-Identifier: Apache-2.0
#include "sealing/sealer.hpp"

#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "../secrets/failure_of.hpp"
#include "envelope_vector.hpp"
#include "sealing/envelope.hpp"
#include "sealing_samples.hpp"

namespace kist::core {
namespace {

using testing::EnvelopeVector;
using testing::failure_of;
using testing::kDeployment;
using testing::keyring_of;
using testing::remote_keyring;
using testing::RemoteState;
using testing::shown;
using testing::uuid_of;
using testing::values_of;

constexpr std::string_view kValue = "canary-9f3e61";
const Uuid kSecret = uuid_of(0x51);
const std::string kPrefix = "secret 51515151-5151-5151-5151-515151515151: the value of key ";

/// What `sealer` makes of `bytes` under `key` of a secret: the value, or "code: message".
std::string opened(Sealer& sealer, std::string_view bytes, std::string_view key = "password",
                   const Uuid& secret_id = kSecret) {
  std::string value;
  const std::string failure = failure_of([&] {
    const SecretValues values = sealer.open(secret_id, values_of({{key, bytes}}));
    value = values.find(key)->reveal();
  });
  CHECK(failure.find(kValue) == std::string::npos);
  return failure.empty() ? value : failure;
}

std::string sealed(Sealer& sealer, std::string_view key = "password",
                   std::string_view value = kValue, const Uuid& secret_id = kSecret) {
  const SecretValues values = sealer.seal(secret_id, values_of({{key, value}}));
  return std::string(values.find(key)->reveal());
}

std::string is_altered(std::string_view key = "password", std::string_view key_id = "k1") {
  return "corrupt: " + kPrefix + "'" + std::string(key) + "' cannot be opened: it is sealed with " +
         "key '" + std::string(key_id) + "', and was altered or belongs to another secret or key";
}
std::string cannot_be_opened(std::string_view code, std::string_view why) {
  return std::string(code) + ": " + kPrefix + "'password' cannot be opened: " + std::string(why);
}
const std::string kDoesNotUnwrap =
    " does not unwrap its DEK: the envelope was altered or is of another deployment, or another "
    "key had this id";

TEST_SUITE("core/sealing/sealer") {
  TEST_CASE("the document's example opens") {
    const EnvelopeVector vector;
    std::vector<KeyringKey> keys;
    keys.push_back({.id = vector["key id"],
                    .source = "",
                    .kek = std::make_unique<LocalKey>(SecretValue(vector["KEK"]))});
    const Keyring keyring(std::move(keys), vector["key id"]);
    Sealer sealer(keyring, vector.id("deployment id"));
    CHECK(opened(sealer, vector["envelope"], vector["key"], vector.id("secret id")) ==
          vector["value"]);
  }

  TEST_CASE("values open as they were sealed, here and in another process") {
    const Keyring keyring = keyring_of({"k1"}, "k1");
    Sealer here(keyring, kDeployment), elsewhere(keyring, kDeployment);
    SecretValues values;
    values.set("empty", "");
    values.set("zeros", std::string(100, '\0'));
    values.set("large", std::string(1024 * 1024, 'v'));
    values.set(std::string(255, 'k'), "of a long key");
    values.set("an envelope", sealed(here));
    const SecretValues in_envelopes = here.seal(kSecret, values);
    CHECK(in_envelopes.size() == values.size());
    for (const auto [key, value] : in_envelopes) {
      CHECK(value.size() == values.find(key)->size() + envelope_overhead(2));
      CHECK(here.is_current(value));
    }
    CHECK(shown(here.open(kSecret, in_envelopes)) == shown(values));
    CHECK(shown(elsewhere.open(kSecret, in_envelopes)) == shown(values));
    CHECK(here.seal(kSecret, SecretValues()).empty());
    CHECK(here.open(kSecret, SecretValues()).empty());
  }

  TEST_CASE("a patch is sealed as to what it sets, and removes what it removed") {
    const Keyring keyring = keyring_of({"k1"}, "k1");
    Sealer sealer(keyring, kDeployment);
    SecretPatch patch;
    patch.set("c", "new");
    patch.remove("b");
    patch.set("a", "");
    const SecretPatch in_envelopes = sealer.seal(kSecret, patch);
    REQUIRE(in_envelopes.size() == 3);
    CHECK(in_envelopes.key(1) == "b");
    CHECK(in_envelopes.removes(1));
    SecretValues values = sealer.seal(kSecret, values_of({{"b", "old"}, {"d", "stays"}}));
    in_envelopes.apply_to(values);
    CHECK(shown(sealer.open(kSecret, values)) == "a= c=new d=stays");
  }

  TEST_CASE("the same value is never sealed to the same bytes, and shows in none") {
    const Keyring keyring = keyring_of({"k1"}, "k1");
    Sealer sealer(keyring, kDeployment);
    std::set<std::string> ciphertexts;
    for (int i = 0; i < 100; ++i) {
      const std::string envelope = sealed(sealer);
      CHECK(envelope.find(kValue) == std::string::npos);
      ciphertexts.emplace(parse_envelope(envelope).envelope.sealed);
    }
    CHECK(ciphertexts.size() == 100);
  }

  TEST_CASE("AT-50: any bit of an envelope that is flipped is found") {
    // Key ids that are one bit apart: a flip may name another key of the ring.
    const Keyring keyring = keyring_of({"k1", "k3", "K1"}, "k1");
    Sealer sealer(keyring, kDeployment);
    const std::string whole = sealed(sealer);
    std::set<std::string> missing_keys;
    for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
      CAPTURE(bit);
      std::string flipped = whole;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
      const std::string outcome = opened(sealer, flipped);
      const ParsedEnvelope parsed = parse_envelope(flipped);
      const bool names_missing_key =
          !parsed.fault && keyring.find(parsed.envelope.key_id) == nullptr;
      const std::string code = names_missing_key ? "failed_precondition: " : "corrupt: ";
      CHECK(outcome.starts_with(code + kPrefix + "'password' cannot be opened: "));
      // A flip of the size makes ids of bytes that are random.
      if (names_missing_key && parsed.envelope.key_id.size() == 2)
        missing_keys.emplace(parsed.envelope.key_id);
    }
    CHECK(missing_keys == std::set<std::string>{"c1", "i1", "j1", "k0", "k5", "k9", "kq", "o1"});
    CHECK(opened(sealer, whole) == kValue);
  }

  TEST_CASE("AT-50: each part of an envelope has its message when it is altered") {
    const Keyring keyring = keyring_of({"k1", "k3"}, "k1");
    Sealer sealer(keyring, kDeployment);
    const std::string whole = sealed(sealer);
    const auto flipped = [&](std::size_t position) {
      return static_cast<char>(whole[position] ^ 1);
    };
    const std::string no_unwrap = "key 'k1'" + kDoesNotUnwrap;
    const struct {
      std::size_t position;
      char byte;
      std::string outcome;
    } cases[] = {
        {0, 'x', cannot_be_opened("corrupt", describe(EnvelopeFault::not_sealed))},
        {4, 9,
         cannot_be_opened("corrupt", "its envelope has a version that this host does not know")},
        {5, 9,
         cannot_be_opened("corrupt", "its envelope has an algorithm that this host does not know")},
        {6, 99, cannot_be_opened("corrupt", "its envelope is cut off")},
        {8, '\n', cannot_be_opened("corrupt", "its envelope has no sound key id")},
        {8, '2',
         cannot_be_opened("failed_precondition",
                          "it is sealed with key 'k2', which is not in the keyring")},
        {8, '3', cannot_be_opened("corrupt", "key 'k3'" + kDoesNotUnwrap)},
        // In turn: of the wrap's nonce, the wrapped DEK, its tag; the nonce, the value, the tag.
        {9, flipped(9), cannot_be_opened("corrupt", no_unwrap)},
        {21, flipped(21), cannot_be_opened("corrupt", no_unwrap)},
        {68, flipped(68), cannot_be_opened("corrupt", no_unwrap)},
        {69, flipped(69), is_altered()},
        {81, flipped(81), is_altered()},
        {whole.size() - 1, flipped(whole.size() - 1), is_altered()},
    };
    for (const auto& c : cases) {
      CAPTURE(c.position);
      std::string altered = whole;
      altered[c.position] = c.byte;
      CHECK(opened(sealer, altered) == c.outcome);
    }
  }

  TEST_CASE("AT-50: an envelope that was cut off or made longer does not open") {
    const Keyring keyring = keyring_of({"k1"}, "k1");
    Sealer sealer(keyring, kDeployment);
    const std::string whole = sealed(sealer);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(size);
      CHECK(opened(sealer, whole.substr(0, size)).starts_with("corrupt: " + kPrefix));
    }
    for (const std::string& tail : {std::string("x"), std::string(1, '\0'), whole})
      CHECK(opened(sealer, whole + tail) == is_altered());
    CHECK(opened(sealer, "x" + whole) ==
          cannot_be_opened("corrupt", describe(EnvelopeFault::not_sealed)));
  }

  TEST_CASE("AT-50: an envelope opens where it was sealed and nowhere else") {
    const Keyring keyring = keyring_of({"k1", "k2"}, "k1"), rotated = keyring_of({"k1"}, "k1");
    Sealer sealer(keyring, kDeployment), other_deployment(keyring, uuid_of(0xD1));
    const std::string envelope = sealed(sealer), other = sealed(sealer, "user", "anna");
    CHECK(opened(sealer, envelope) == kValue);
    CHECK(opened(sealer, envelope, "passwor") == is_altered("passwor"));
    CHECK(opened(sealer, envelope, "password2") == is_altered("password2"));
    CHECK(opened(sealer, envelope, "user") == is_altered("user"));
    CHECK(opened(sealer, other) == is_altered());
    const std::string elsewhere = opened(sealer, envelope, "password", uuid_of(0x52));
    CHECK(elsewhere.starts_with("corrupt: secret 52525252-5252-5252-5252-525252525252: "));
    CHECK(elsewhere.ends_with("and was altered or belongs to another secret or key"));
    CHECK(opened(other_deployment, envelope) ==
          cannot_be_opened("corrupt", "key 'k1'" + kDoesNotUnwrap));

    SUBCASE("with the header of another DEK") {
      Sealer again(keyring, kDeployment);
      const std::string header(parse_envelope(sealed(again)).envelope.header);
      CHECK(opened(sealer, header + envelope.substr(header.size())) == is_altered());
    }
    SUBCASE("with the nonce of a neighbour") {
      std::string mixed = envelope;
      mixed.replace(69, kNonceBytes, other, 69, kNonceBytes);
      CHECK(opened(sealer, mixed) == is_altered());
    }
    SUBCASE("with the id of another key of the ring") {
      std::string downgraded = envelope;
      downgraded[8] = '2';
      CHECK(opened(sealer, downgraded) == cannot_be_opened("corrupt", "key 'k2'" + kDoesNotUnwrap));
    }
  }

  TEST_CASE("AT-50: the deployment is bound to the value too, and not to its DEK alone") {
    // A token that keeps no associated data would unwrap the DEK in any deployment.
    class Careless final : public KeyEncryptionKey {
      WrappedKey wrap(SecretView dek, std::string_view) const override { return key.wrap(dek, ""); }
      std::optional<SecretValue> unwrap(const WrappedKey& wrapped,
                                        std::string_view) const override {
        return key.unwrap(wrapped, "");
      }
      LocalKey key{testing::key_named("k1")};
    };
    std::vector<KeyringKey> keys;
    for (const char* const id : {"k1", "k2"})
      keys.push_back({.id = id, .source = "", .kek = std::make_unique<Careless>()});
    const Keyring keyring(std::move(keys), "k1");
    Sealer here(keyring, kDeployment), elsewhere(keyring, uuid_of(0xD1));
    std::string envelope = sealed(here);
    CHECK(opened(here, envelope) == kValue);
    CHECK(opened(elsewhere, envelope) == is_altered());
    envelope[8] = '2';
    CHECK(opened(here, envelope) == is_altered("password", "k2"));
  }

  TEST_CASE("an old envelope of the same key opens: what it replaced is not known") {
    const Keyring keyring = keyring_of({"k1"}, "k1");
    Sealer sealer(keyring, kDeployment);
    const std::string old = sealed(sealer, "password", "the old one");
    sealed(sealer, "password", "the new one");
    CHECK(opened(sealer, old) == "the old one");
  }

  TEST_CASE("one value that does not open fails them all, and none that does is named") {
    const Keyring keyring = keyring_of({"k1"}, "k1");
    Sealer sealer(keyring, kDeployment);
    SecretValues values = sealer.seal(kSecret, values_of({{"a", "1"}, {"b\n", "2"}, {"c", "3"}}));
    std::string damaged(values.find("b\n")->reveal());
    damaged.back() = static_cast<char>(damaged.back() ^ 1);
    values.set("b\n", damaged);
    CHECK(failure_of([&] { sealer.open(kSecret, values); }) == is_altered("b\\x0a"));
  }

  TEST_CASE("old keys open, the current one seals") {
    const Keyring before = keyring_of({"k1"}, "k1"), after = keyring_of({"k1", "k2"}, "k2"),
                  without = keyring_of({"k2"}, "k2");
    Sealer old(before, kDeployment), rotated(after, kDeployment), later(without, kDeployment);
    const std::string envelope = sealed(old), fresh = sealed(rotated);
    CHECK(opened(rotated, envelope) == kValue);
    CHECK(opened(rotated, fresh) == kValue);
    CHECK(opened(later, fresh) == kValue);
    CHECK(opened(later, envelope) ==
          cannot_be_opened("failed_precondition",
                           "it is sealed with key 'k1', which is not in the keyring"));
    CHECK(opened(old, fresh).starts_with("failed_precondition: "));
    CHECK(old.is_current(SecretView(envelope)));
    CHECK(!rotated.is_current(SecretView(envelope)));
    CHECK(rotated.is_current(SecretView(fresh)));
    CHECK(!rotated.is_current(SecretView("plain")));
  }

  TEST_CASE("AT-50: a KEK that goes away in the middle is unavailable, and comes back") {
    RemoteState state;
    const Keyring keyring = remote_keyring(state);
    Sealer here(keyring, kDeployment, {.uses = 2}), elsewhere(keyring, kDeployment);
    const std::string strange = sealed(elsewhere), ours = sealed(here);
    state.is_away = true;
    CHECK(opened(here, ours) == kValue);
    CHECK(opened(here, strange) ==
          cannot_be_opened("unavailable", "the token 'hsm' does not answer"));
    CHECK(opened(here, sealed(here)) == kValue);
    CHECK(failure_of([&] { sealed(here); }) == "unavailable: the token 'hsm' does not answer");
    SecretPatch removal;
    removal.remove("password");
    CHECK_MESSAGE(here.seal(kSecret, removal).removes(0), "which needs no key");
    state.is_away = false;
    CHECK(opened(here, strange) == kValue);
    CHECK(opened(here, sealed(here)) == kValue);
    CHECK(opened(here, ours) == kValue);
  }

  TEST_CASE("AT-50: no nonce is used twice under a DEK, by however many threads") {
    const Keyring keyring = keyring_of({"k1"}, "k1");
    Sealer sealer(keyring, kDeployment, {.uses = 64, .cached = 4});
    constexpr std::size_t kThreads = 8, kSecrets = 200;
    std::vector<std::vector<std::string>> envelopes(kThreads);
    std::vector<std::thread> threads;
    for (auto& mine : envelopes) {
      threads.emplace_back([&] {
        for (std::size_t i = 0; i < kSecrets; ++i) {
          const SecretValues values =
              sealer.seal(kSecret, values_of({{"a", "1"}, {"b", "2"}, {"c", "3"}}));
          for (const auto [key, value] : values) mine.emplace_back(value.reveal());
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    std::set<std::string> nonces, headers;
    std::size_t wrong = 0;
    for (const auto& mine : envelopes) {
      for (std::size_t i = 0; i < mine.size(); ++i) {
        const Envelope envelope = parse_envelope(mine[i]).envelope;
        nonces.insert(std::string(envelope.header) + std::string(envelope.nonce));
        headers.emplace(envelope.header);
        const std::string_view key = std::string_view("abc").substr(i % 3, 1);
        if (opened(sealer, mine[i], key) != std::to_string(i % 3 + 1)) ++wrong;
      }
    }
    CHECK(nonces.size() == kThreads * kSecrets * 3);
    CHECK(headers.size() == (kThreads * kSecrets + 20) / 21);  // 21 secrets of three fit into 64.
    CHECK(wrong == 0);
  }
}

}  // namespace
}  // namespace kist::core
