// SPDX-License-Identifier: Apache-2.0
#include "sealing/unsealed_store.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "../secrets/failure_of.hpp"
#include "../secrets/store_in_memory.hpp"
#include "sealing/sealer.hpp"
#include "sealing_samples.hpp"

namespace kist::core {
namespace {

using testing::failure_of;
using testing::kDeployment;
using testing::keyring_of;
using testing::shown;
using testing::uuid_of;
using testing::values_of;
using Calls = std::vector<std::string>;

Secret plain_secret() {
  Secret secret;
  secret.id = uuid_of(1);
  secret.name = "name";
  secret.values = values_of({{"password", "hunter2"}, {"user", "anna"}});
  return secret;
}

/// An unsealed store in which one secret is plain, but for its password, which was sealed once.
struct UnsealedFixture {
  UnsealedFixture() {
    Secret secret = plain_secret();
    secret.values.set("password", envelope);
    inner.map.records.emplace(id, std::move(secret));
  }

  SecretUpdate update(std::string_view key, std::optional<std::string_view> value) const {
    SecretUpdate update;
    update.id = id;
    update.values.emplace();
    if (value)
      update.values->set(key, *value);
    else
      update.values->remove(key);
    return update;
  }

  Uuid id = uuid_of(1);
  testing::PlainCall call;
  testing::StoreInMemory inner;
  UnsealedStore store{inner};
  Keyring keyring = keyring_of({"k1"}, "k1");
  Sealer sealer{keyring, kDeployment};
  std::string envelope =
      std::string(sealer.seal(id, values_of({{"password", "hunter2"}})).find("password")->reveal());
};

const std::string kIsSealed =
    "failed_precondition: secret 01010101-0101-0101-0101-010101010101: the value of key "
    "'password' is sealed with key 'k1', and sealing is off for this store";

TEST_SUITE("core/sealing/unsealed_store") {
  TEST_CASE("plain values pass in both directions, and so does all else") {
    testing::PlainCall call;
    testing::StoreInMemory inner;
    UnsealedStore store(inner);
    CHECK(shown(store.create_secret(call, plain_secret()).values) == "password=hunter2 user=anna");
    CHECK(shown(inner.map.records.at(uuid_of(1)).values) == "password=hunter2 user=anna");
    SecretUpdate update;
    update.id = uuid_of(1);
    update.name = "other";
    CHECK(store.update_secret(call, update).name == "other");
    CHECK(shown(store.get_secret(call, uuid_of(1)).values) == "password=hunter2 user=anna");
    store.check_health(call);
    store.delete_secret(call, uuid_of(1), 2);
    CHECK(inner.map.records.empty());
  }

  TEST_CASE("an envelope is never served as if it were the value") {
    UnsealedFixture unsealed;
    const auto get = [&] {
      return failure_of([&] { unsealed.store.get_secret(unsealed.call, unsealed.id); });
    };
    CHECK(get() == kIsSealed);
    // Nor what once was one.
    unsealed.inner.map.records.at(unsealed.id).values.set("password", "\xFEKST\x01");
    CHECK(get() ==
          "failed_precondition: secret 01010101-0101-0101-0101-010101010101: the value of key "
          "'password' is sealed, and sealing is off for this store");
  }

  TEST_CASE("an update that would leave an envelope is refused before it changes anything") {
    UnsealedFixture unsealed;
    SecretUpdate rename;
    rename.id = unsealed.id;
    rename.name = "other";
    SecretUpdate patch = unsealed.update("user", "bob");
    for (const SecretUpdate* const update : {&rename, &patch}) {
      unsealed.inner.calls.clear();
      CHECK(failure_of([&] { unsealed.store.update_secret(unsealed.call, *update); }) == kIsSealed);
      CHECK(unsealed.inner.calls == Calls{"get"});
    }
  }

  TEST_CASE("an envelope can be replaced by a value, or removed") {
    UnsealedFixture unsealed;
    SecretUpdate update;
    std::string expected;
    SUBCASE("by a patch") {
      update = unsealed.update("password", "new");
      expected = "password=new user=anna";
    }
    SUBCASE("by its removal") {
      update = unsealed.update("password", std::nullopt);
      expected = "user=anna";
    }
    SUBCASE("by a full replacement") {
      update = unsealed.update("k", "v");
      update.replace_values = true;
      expected = "k=v";
    }
    CHECK(shown(unsealed.store.update_secret(unsealed.call, update).values) == expected);
  }

  TEST_CASE("a value that looks as if it were sealed is not stored") {
    UnsealedFixture unsealed;
    const std::string refused =
        "invalid_argument: the value of key 'password' begins with the bytes FE 4B 53 54, by which "
        "sealed values are known; a store that is not sealed cannot keep it";
    for (const std::string& value : {unsealed.envelope, std::string("\xFEKST")}) {
      Secret secret = plain_secret();
      secret.id = uuid_of(2);
      secret.values.set("password", value);
      CHECK(failure_of([&] { unsealed.store.create_secret(unsealed.call, std::move(secret)); }) ==
            refused);
      SecretUpdate update = unsealed.update("password", value);
      update.replace_values = true;
      CHECK(failure_of([&] { unsealed.store.update_secret(unsealed.call, update); }) == refused);
    }
    CHECK(unsealed.inner.calls.empty());
    CHECK_NOTHROW(
        unsealed.store.update_secret(unsealed.call, unsealed.update("password", "\xFEKSt")));
  }
}

}  // namespace
}  // namespace kist::core
