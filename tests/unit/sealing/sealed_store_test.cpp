// SPDX-License-Identifier: Apache-2.0
#include "sealing/sealed_store.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "../secrets/failure_of.hpp"
#include "../secrets/store_in_memory.hpp"
#include "sealing_samples.hpp"

namespace kist::core {
namespace {

using testing::failure_of;
using testing::kDeployment;
using testing::keyring_of;
using testing::remote_keyring;
using testing::RemoteState;
using testing::shown;
using testing::uuid_of;
using testing::values_of;
using Calls = std::vector<std::string>;

const std::string kCannotOpen =
    "secret 01010101-0101-0101-0101-010101010101: the value of key 'password' cannot be opened: "
    "it is sealed with key 'k1', and was altered or belongs to another secret or key";

/// A sealed store with one secret in it, of id 01…01, and the store behind it.
struct SealedFixture {
  SealedFixture() : SealedFixture(keyring_of({"k1"}, "k1")) {}
  explicit SealedFixture(Keyring ring) : keyring(std::move(ring)) {
    store.create_secret(call, named("name", 1));
    inner.calls.clear();
  }

  static Secret named(std::string name, std::uint8_t number) {
    Secret secret;
    secret.id = uuid_of(number);
    secret.name = std::move(name);
    secret.values = values_of({{"password", "hunter2"}, {"user", "anna"}});
    return secret;
  }
  SecretUpdate update(std::initializer_list<std::pair<const char*, const char*>> entries) const {
    SecretUpdate update;
    update.id = id;
    update.values.emplace();
    for (const auto& [key, value] : entries) {
      if (value == nullptr)
        update.values->remove(key);
      else
        update.values->set(key, value);
    }
    return update;
  }

  /// What the store behind holds for a key of the secret.
  std::string stored(std::string_view key) const {
    return std::string(inner.map.records.at(id).values.find(key)->reveal());
  }
  void store_under(std::string_view key, std::string_view bytes) {
    inner.map.records.at(id).values.set(key, bytes);
  }
  void damage(std::string_view key) {
    std::string bytes = stored(key);
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    store_under(key, bytes);
  }

  Uuid id = uuid_of(1);
  testing::PlainCall call;
  testing::StoreInMemory inner;
  Keyring keyring;
  Sealer sealer{keyring, kDeployment};
  SealedStore store{inner, sealer};
};

struct Names final : ListSink {
  bool item(const SecretMetadata& row) override {
    text += row.name + " ";
    return true;
  }
  void total(std::uint64_t) override {}
  std::string text;
};

/// A store that gives, whatever is asked for, a record that it was told to.
class LyingStore final : public SecretsStoreInterface {
 public:
  Secret create_secret(Call&, Secret) override { return answer.clone(); }
  Secret get_secret(Call&, const Uuid&) override { return answer.clone(); }
  void list_secrets(Call&, const ListQuery&, ListSink&) override {}
  Secret update_secret(Call&, const SecretUpdate&) override { return answer.clone(); }
  void delete_secret(Call&, const Uuid&, std::optional<std::uint64_t>) override {}

  Secret answer;
};

TEST_SUITE("core/sealing/sealed_store") {
  TEST_CASE("the store behind gets envelopes, and the caller what it gave") {
    SealedFixture sealed;
    const Secret created = sealed.store.create_secret(sealed.call, sealed.named("other", 2));
    CHECK(shown(created.values) == "password=hunter2 user=anna");
    CHECK(shown(sealed.store.get_secret(sealed.call, sealed.id).values) ==
          "password=hunter2 user=anna");
    for (const auto& [id, record] : sealed.inner.map.records) {
      CHECK(record.values.size() == 2);
      for (const auto [key, value] : record.values) {
        CHECK(sealed.sealer.is_current(value));
        CHECK(value.reveal().find("hunter2") == std::string_view::npos);
      }
    }
    CHECK(sealed.inner.calls == Calls{"create other", "get"});
  }

  TEST_CASE("updates do what they do to an unsealed store") {
    SealedFixture sealed;
    const auto done = [&](const SecretUpdate& update) {
      const Secret secret = sealed.store.update_secret(sealed.call, update);
      const Secret read = sealed.store.get_secret(sealed.call, sealed.id);
      CHECK(shown(read.values) == shown(secret.values));
      CHECK(read.name == secret.name);
      return secret.name + " " + std::to_string(secret.revision) + ": " + shown(secret.values);
    };
    CHECK(done(sealed.update({{"password", "new"}})) == "name 2: password=new user=anna");
    CHECK(done(sealed.update({{"token", ""}, {"user", nullptr}})) == "name 3: password=new token=");
    SecretUpdate rename;
    rename.id = sealed.id;
    rename.name = "other";
    rename.if_revision = 3;
    CHECK(done(rename) == "other 4: password=new token=");
    SecretUpdate whole = sealed.update({{"a", "1"}});
    whole.replace_values = true;
    CHECK(done(whole) == "other 5: a=1");
    CHECK(sealed.inner.calls == Calls{"get", "update", "get", "get", "update", "get", "get",
                                      "update at 3", "get", "update", "get"});
    CHECK(failure_of([&] {
            sealed.store.update_secret(sealed.call, rename);
          }).starts_with("conflict: "));
  }

  TEST_CASE("all but the values passes as it is") {
    SealedFixture sealed;
    Names names;
    sealed.store.list_secrets(sealed.call, {.visible = {}, .conditions = {}, .after = {}}, names);
    CHECK(names.text == "name ");
    sealed.store.check_health(sealed.call);
    CHECK(failure_of([&] {
            sealed.store.delete_secret(sealed.call, sealed.id, 7);
          }).starts_with("conflict: "));
    sealed.store.delete_secret(sealed.call, sealed.id, 1);
    CHECK(failure_of([&] { sealed.store.get_secret(sealed.call, sealed.id); }) ==
          "not_found: map: in words of its own: nothing");
  }

  TEST_CASE("ST-5: one value that does not open, and nothing of the secret is returned (AT-50)") {
    SealedFixture sealed;
    sealed.damage("password");
    CHECK(failure_of([&] { sealed.store.get_secret(sealed.call, sealed.id); }) ==
          "corrupt: " + kCannotOpen);
    sealed.store_under("password", "plain");
    CHECK(failure_of([&] { sealed.store.get_secret(sealed.call, sealed.id); }) ==
          "corrupt: secret 01010101-0101-0101-0101-010101010101: the value of key 'password' "
          "cannot be opened: it is not sealed, so it was stored before sealing was switched on "
          "('kist keys rewrap --seal-unsealed' seals such values), or by somebody else");
    sealed.store_under("password", sealed.stored("user"));
    CHECK(failure_of([&] { sealed.store.get_secret(sealed.call, sealed.id); }) ==
          "corrupt: " + kCannotOpen);
  }

  TEST_CASE("ST-16: what would leave a value that does not open is refused before it changes") {
    SealedFixture sealed;
    sealed.damage("password");
    SecretUpdate rename;
    rename.id = sealed.id;
    rename.name = "other";
    SecretUpdate both = sealed.update({{"user", "bob"}});
    both.name = "other";
    const std::string before = shown(sealed.inner.map.records.at(sealed.id).values);
    for (const SecretUpdate* const update : {&rename, &both}) {
      sealed.inner.calls.clear();
      CHECK(failure_of([&] { sealed.store.update_secret(sealed.call, *update); }) ==
            "corrupt: " + kCannotOpen);
      CHECK(sealed.inner.calls == Calls{"get"});
    }
    CHECK(sealed.inner.map.records.at(sealed.id).name == "name");
    CHECK(sealed.inner.map.records.at(sealed.id).revision == 1);
    CHECK(shown(sealed.inner.map.records.at(sealed.id).values) == before);
  }

  TEST_CASE("ST-16: a secret with a value that does not open can be mended") {
    SealedFixture sealed;
    sealed.damage("password");
    const auto values_after = [&](const SecretUpdate& update) {
      return shown(sealed.store.update_secret(sealed.call, update).values);
    };
    SUBCASE("by a patch of that value") {
      CHECK(values_after(sealed.update({{"password", "new"}})) == "password=new user=anna");
    }
    SUBCASE("by its removal") {
      CHECK(values_after(sealed.update({{"password", nullptr}})) == "user=anna");
    }
    SUBCASE("by a full replacement, which reads nothing first") {
      SecretUpdate whole = sealed.update({{"k", "v"}});
      whole.replace_values = true;
      CHECK(values_after(whole) == "k=v");
      CHECK(sealed.inner.calls == Calls{"update"});
    }
    SUBCASE("by going") {
      Names names;
      sealed.store.list_secrets(sealed.call, {.visible = {}, .conditions = {}, .after = {}}, names);
      CHECK(names.text == "name ");
      sealed.store.delete_secret(sealed.call, sealed.id, std::nullopt);
      CHECK(sealed.inner.map.records.empty());
    }
  }

  TEST_CASE("AT-50: a whole record under another id is not what was asked for") {
    SealedFixture sealed;
    LyingStore liar;
    liar.answer = sealed.inner.map.records.at(sealed.id).clone();
    SealedStore store(liar, sealed.sealer);
    CHECK_NOTHROW(store.get_secret(sealed.call, sealed.id));
    CHECK(failure_of([&] { store.get_secret(sealed.call, uuid_of(2)); }) ==
          "corrupt: secret 02020202-0202-0202-0202-020202020202: the value of key 'password' "
          "cannot be opened: it is sealed with key 'k1', and was altered or belongs to another "
          "secret or key");
  }

  TEST_CASE("ST-20: what was written but does not come back is indeterminate") {
    SealedFixture sealed;
    LyingStore liar;
    SealedStore store(liar, sealed.sealer);
    sealed.damage("password");
    liar.answer = sealed.inner.map.records.at(sealed.id).clone();
    const std::string expected =
        "indeterminate: the store has written, but what it returned does not open: " + kCannotOpen;
    CHECK(failure_of([&] { store.create_secret(sealed.call, sealed.named("name", 1)); }) ==
          expected);
    SecretUpdate whole = sealed.update({{"password", "new"}});
    whole.replace_values = true;
    CHECK(failure_of([&] { store.update_secret(sealed.call, whole); }) == expected);
  }

  TEST_CASE("AT-50: without the KEK nothing is written, and what needs no key goes on") {
    RemoteState state;
    SealedFixture sealed(remote_keyring(state));
    state.is_away = true;
    // As after a start, when nothing is unwrapped yet.
    Sealer sealer(sealed.keyring, kDeployment);
    SealedStore store(sealed.inner, sealer);
    const std::string away = "the token 'hsm' does not answer";
    CHECK(failure_of([&] { store.create_secret(sealed.call, sealed.named("other", 2)); }) ==
          "unavailable: " + away);
    SecretUpdate whole = sealed.update({{"k", "v"}});
    whole.replace_values = true;
    CHECK(failure_of([&] { store.update_secret(sealed.call, whole); }) == "unavailable: " + away);
    CHECK(sealed.inner.calls.empty());
    CHECK(failure_of([&] {
            store.get_secret(sealed.call, sealed.id);
          }).ends_with("'password' cannot be opened: " + away));
    state.is_away = false;
    CHECK(shown(store.get_secret(sealed.call, sealed.id).values) == "password=hunter2 user=anna");
    state.is_away = true;
    store.delete_secret(sealed.call, sealed.id, std::nullopt);
    CHECK(sealed.inner.map.records.empty());
  }
}

}  // namespace
}  // namespace kist::core
