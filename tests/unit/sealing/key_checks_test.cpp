// SPDX-License-Identifier: Apache-2.0
#include "sealing/key_checks.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "../config/message_of.hpp"
#include "../config/temporary_directory.hpp"
#include "sealing_samples.hpp"

using namespace kist;
using namespace kist::core;
using namespace kist::core::testing;

namespace {

/// A KEK on a token that has been pulled out.
class AbsentKey final : public KeyEncryptionKey {
 public:
  WrappedKey wrap(SecretView, std::string_view) const override { throw gone(); }
  std::optional<SecretValue> unwrap(const WrappedKey&, std::string_view) const override {
    throw gone();
  }

 private:
  static Error gone() { return {ErrorCode::unavailable, "the token is gone"}; }
};

/// A deployment in a directory, as one host after the other finds it.
struct CheckedDeployment {
  TemporaryDirectory directory;
  std::optional<Uuid> configured_id = {};

  DeploymentDirectory place() const { return {directory.path(), "the store's option 'path'"}; }
  Deployment open() const { return open_deployment(place(), configured_id); }
  std::vector<std::string> check(const Keyring& ring) const {
    return check_keys(ring, open(), place());
  }
  std::string refusal(const Keyring& ring) const {
    return message_of([&] { check(ring); });
  }
};

Keyring ring_with(std::string_view id, std::unique_ptr<KeyEncryptionKey> kek,
                  std::string_view current) {
  std::vector<KeyringKey> keys;
  keys.push_back({"k1", "file '/keys/k1'", std::make_unique<LocalKey>(key_named("k1"))});
  keys.push_back({std::string(id), "file '/keys/" + std::string(id) + "'", std::move(kek)});
  return {std::move(keys), current};
}

}  // namespace

TEST_SUITE("core/sealing/key_checks") {
  TEST_CASE("AT-50: an old copy of the keyring is refused, since it would seal with an old key") {
    const CheckedDeployment deployment;
    deployment.check(keyring_of({"k1"}, "k1"));
    CHECK(deployment.open().current_key == "k1");
    deployment.check(keyring_of({"k1", "k2"}, "k2"));
    CHECK(deployment.open().current_key == "k2");
    CHECK(deployment.refusal(keyring_of({"k1"}, "k1")) ==
          "key 'k2', which sealed the last secrets of this deployment, is not in the keyring: this "
          "may be an old copy of it, so restore the latest; if the key was taken out for good, "
          "take 'current_key' out of 'kist-deployment.json'");
    CHECK(deployment.check(keyring_of({"k3"}, "k3")).empty());  // The others were lost.
    deployment.check(keyring_of({"k2", "k3"}, "k2"));
    // One that is there and no longer current was chosen to be so.
    CHECK(deployment.check(keyring_of({"k1", "k2"}, "k1")).empty());
    CHECK(deployment.open().current_key == "k1");
  }

  TEST_CASE("what the file of another deployment says of keys does not count") {
    CheckedDeployment deployment;
    deployment.check(keyring_of({"k1"}, "k1"));
    deployment.configured_id = testing::uuid_of(7);
    CHECK(!deployment.open().remembered);
    CHECK(deployment.open().id == testing::uuid_of(7));
    CHECK(deployment.open().key_checks.empty());
    CHECK(deployment.check(ring_with("k2", std::make_unique<LocalKey>(key_named("x")), "k2"))
              .empty());
    deployment.configured_id.reset();
    CHECK(deployment.open().key_checks.size() == 1);
  }

  TEST_CASE("a deployment remembers the keys that it was sealed with") {
    const CheckedDeployment deployment;
    CHECK(deployment.check(keyring_of({"k1"}, "k1")).empty());
    CHECK(deployment.open().key_checks.size() == 1);
    const KeyChecks before = deployment.open().key_checks;
    CHECK(deployment.check(keyring_of({"k1", "k2"}, "k2")).empty());
    CHECK(deployment.open().key_checks.size() == 2);
    CHECK(deployment.open().key_checks.at("k1") == before.at("k1"));
    CHECK(deployment.check(keyring_of({"k2"}, "k2")).empty());
    CHECK(deployment.open().key_checks.size() == 2);
  }

  TEST_CASE("AT-50: another key under a known id is refused, current or not") {
    const CheckedDeployment deployment;
    deployment.check(keyring_of({"k1", "k2"}, "k2"));
    const std::string id = deployment.open().id.to_string();
    const auto refused = [&](const std::string& current) {
      std::vector<KeyringKey> keys;
      keys.push_back({"k1", "file '/keys/k1'", std::make_unique<LocalKey>(key_named("x"))});
      keys.push_back({"k2", "file '/keys/k2'", std::make_unique<LocalKey>(key_named("k2"))});
      return deployment.refusal(Keyring(std::move(keys), current));
    };
    const std::string refusal =
        "key 'k1' (file '/keys/k1') is not the key of that id that deployment " + id +
        " was sealed with; restore that one from your backup, or give this one an id of its own";
    CHECK(refused("k1") == refusal);
    CHECK(refused("k2") == refusal);
    CHECK(deployment.open().key_checks.size() == 2);
  }

  TEST_CASE("a check is bound to its deployment and its key's id") {
    const CheckedDeployment deployment;
    deployment.check(keyring_of({"k1"}, "k1"));
    const KeyChecks checks = deployment.open().key_checks;
    Deployment moved = deployment.open();
    moved.id = uuid_of(7);
    CHECK(message_of([&] {
            check_keys(keyring_of({"k1"}, "k1"), moved, deployment.place());
          }).find(uuid_of(7).to_string()) != std::string::npos);
    Deployment swapped = deployment.open();
    swapped.current_key.clear();
    swapped.key_checks["a1"] = checks.at("k1");  // Of the same bytes as k1: key_named("a1").
    CHECK(message_of([&] {
            check_keys(keyring_of({"a1"}, "a1"), swapped, deployment.place());
          }).starts_with("key 'a1' (file '/keys/a1') is not the key of that id"));
  }

  TEST_CASE("of hosts that start at once with different keys of one id, one is refused") {
    const CheckedDeployment deployment;
    const Deployment unchecked = deployment.open();  // Both have read the file by now.
    CHECK(check_keys(keyring_of({"k1"}, "k1"), unchecked, deployment.place()).empty());
    CHECK(check_keys(keyring_of({"k1"}, "k1"), unchecked, deployment.place()).empty());
    std::vector<KeyringKey> keys;
    keys.push_back({"k1", "file '/other'", std::make_unique<LocalKey>(key_named("x"))});
    const Keyring other(std::move(keys), "k1");
    CHECK(message_of([&] {
            check_keys(other, unchecked, deployment.place());
          }).starts_with("key 'k1' (file '/other') is not the key of that id"));
  }

  TEST_CASE("AT-50: a key out of reach is passed over with a warning, unless it is current") {
    const CheckedDeployment deployment;
    const auto ring = [](std::string_view current) {
      return ring_with("hsm", std::make_unique<AbsentKey>(), current);
    };
    const std::vector<std::string> expected{"key 'hsm' cannot be checked: the token is gone"};
    CHECK(deployment.check(ring("k1")) == expected);
    CHECK(deployment.open().key_checks.size() == 1);
    CHECK(deployment.refusal(ring("hsm")) == "the token is gone");
    CHECK(deployment.check(ring_with("lost", nullptr, "k1")).empty());
  }

  TEST_CASE("a deployment file that cannot be written is no reason not to read secrets") {
    const CheckedDeployment deployment;
    const Deployment unchecked = deployment.open();
    std::vector<std::string> warnings;
    {
      const FullDisk full;
      warnings = check_keys(keyring_of({"k1"}, "k1"), unchecked, deployment.place());
    }
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0] ==
          "the deployment does not remember its keys, and will not notice at start if they are "
          "lost or others: cannot write deployment file '" +
              (deployment.directory.path() / kDeploymentFileName).native() + "': File too large");
    CHECK(deployment.open().key_checks.empty());
    CHECK(deployment.directory.entries() == 1);
    CHECK(deployment.check(keyring_of({"k1"}, "k1")).empty());
    CHECK(deployment.open().key_checks.size() == 1);
  }

  TEST_CASE("a deployment that nobody remembers is not checked") {
    CHECK(check_keys(keyring_of({"k1"}, "k1"), new_deployment(std::nullopt), std::nullopt).empty());
  }
}
