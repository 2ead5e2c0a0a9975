// SPDX-License-Identifier: Apache-2.0
#include "sealing/open_keyring.hpp"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "../config/message_of.hpp"
#include "../config/temporary_directory.hpp"
#include "sealing/keyring_file.hpp"

using namespace kist;
using namespace kist::core;
using namespace kist::core::testing;
namespace fs = std::filesystem;

namespace {

const std::string kA(64, 'A'), kB(64, 'B');
const Environment kEnvironment{{"KEY", std::string(64, 'C')}};

SealingKeySettings variable_key(const std::string& id, const std::string& name = "KEY") {
  return {id, "kist.json:4:5", KeyVariable{name}};
}

template <class... Keys>
SealingSettings settings_of(std::optional<fs::path> keyring, Keys... keys) {
  SealingSettings settings;
  settings.keyring = std::move(keyring);
  (settings.keys.push_back(std::move(keys)), ...);
  return settings;
}

std::string ids_of(const Keyring& ring) {
  std::string ids;
  for (const KeyringKey& key : ring.keys()) ids += (ids.empty() ? "" : " ") + key.id;
  return ids + ", current " + ring.current().id;
}

std::string opened(const SealingSettings& settings, const KeyringUse& use = {}) {
  return ids_of(open_keyring(settings, kEnvironment, use).keyring);
}

std::string refusal(const SealingSettings& settings, const KeyringUse& use = {}) {
  return message_of([&] { open_keyring(settings, kEnvironment, use); });
}

}  // namespace

TEST_SUITE("core/sealing/open_keyring") {
  TEST_CASE("the last key of the file is current, and the keys of the configuration open too") {
    const TemporaryDirectory directory;
    const fs::path ring = directory.write("ring", "k1 " + kA + "\nk2 " + kB + "\n");
    CHECK(opened(settings_of(ring)) == "k1 k2, current k2");
    CHECK(opened(settings_of(ring, variable_key("old"))) == "k1 k2 old, current k2");
    SealingSettings chosen = settings_of(ring, variable_key("new"));
    for (const std::string current : {"k1", "k2", "new"}) {
      chosen.current = current;
      CHECK(opened(chosen) == "k1 k2 new, current " + current);
    }
    chosen.current = "neu";
    CHECK(refusal(chosen) ==
          "key 'neu' of 'sealing.current' is not in the keyring; did you mean 'new'? Allowed: k1, "
          "k2, new");
  }

  TEST_CASE("without a file the only key is current, or the one that is chosen") {
    CHECK(opened(settings_of({}, variable_key("a"))) == "a, current a");
    SealingSettings two = settings_of({}, variable_key("a"), variable_key("b"));
    two.current = "b";
    CHECK(opened(two) == "a b, current b");
  }

  TEST_CASE("an id is that of one key") {
    const TemporaryDirectory directory;
    const fs::path ring = directory.write("ring", "k1 " + kA + "\n");
    CHECK(refusal(settings_of(ring, variable_key("k1"))) ==
          "key 'k1' is in keyring file '" + ring.native() +
              "' and at kist.json:4:5; expected an id of its own for each");
  }

  TEST_CASE("AT-50: a key that cannot be had does no harm, unless it is the current one") {
    const TemporaryDirectory directory;
    const fs::path ring = directory.write("ring", "k1 " + kA + "\n");
    SealingSettings settings = settings_of(ring, variable_key("old", "GONE"));
    const OpenedKeyring keys = open_keyring(settings, kEnvironment, {});
    CHECK(ids_of(keys.keyring) == "k1 old, current k1");
    CHECK(keys.keyring.find("old")->problem == "environment variable 'GONE' is not set");
    settings.current = "old";
    const OpenedKeyring gone = open_keyring(settings, kEnvironment, {});
    CHECK(ids_of(gone.keyring) == "k1 old, current old");
    CHECK(message_of([&] { gone.keyring.require_current(); }) ==
          "the current key 'old' of the keyring cannot be had: environment variable 'GONE' is not "
          "set");
  }

  TEST_CASE("AT-50: a configured keyring file that is missing is not made") {
    const TemporaryDirectory directory;
    const fs::path ring = directory.path() / "ring";
    KeyringUse use{.default_file = directory.path() / "default"};
    CHECK(refusal(settings_of(ring), use) ==
          "keyring file '" + ring.native() +
              "' does not exist; make it with 'kist keys init', or restore it from your backup");
    use.has_been_sealed = true;
    CHECK(refusal(settings_of(ring), use) ==
          "keyring file '" + ring.native() +
              "' is missing, and without its keys the secrets of this deployment do not open; "
              "restore it from your backup");
    CHECK(directory.entries() == 0);
  }

  TEST_CASE("a store that is opened for the first time gets a keyring file, and people are told") {
    const TemporaryDirectory directory;
    const KeyringUse use{.default_file = directory.path() / kKeyringFileName};
    const OpenedKeyring first = open_keyring({}, {}, use), second = open_keyring({}, {}, use);
    CHECK(first.made == use.default_file);
    CHECK(!second.made);
    CHECK(ids_of(first.keyring) == "k1, current k1");
    CHECK(first.keyring.current().fingerprint == second.keyring.current().fingerprint);
    CHECK(mode_of(*use.default_file) == 0600);
    CHECK(describe_made_keyring("/var/lib/kist/kist-keyring") ==
          "made the key file '/var/lib/kist/kist-keyring': it opens every secret of this store, "
          "and without it they are lost; keep a copy apart from the store");
  }

  TEST_CASE("hosts that open a store for the first time at once have the same key") {
    constexpr std::size_t kHosts = 8;
    const TemporaryDirectory directory;
    const KeyringUse use{.default_file = directory.path() / kKeyringFileName};
    std::vector<std::string> fingerprints(kHosts);
    std::atomic<int> made = 0;
    std::atomic<bool> go = false;
    std::vector<std::thread> hosts;
    for (std::size_t i = 0; i < kHosts; ++i) {
      hosts.emplace_back([&, i] {
        while (!go) std::this_thread::yield();
        const OpenedKeyring keys = open_keyring({}, {}, use);
        fingerprints[i] = keys.keyring.current().fingerprint;
        if (keys.made) ++made;
      });
    }
    go = true;
    for (std::thread& host : hosts) host.join();
    CHECK(made == 1);
    for (const std::string& fingerprint : fingerprints) CHECK(fingerprint == fingerprints[0]);
  }

  TEST_CASE("AT-50: a deployment that has been sealed gets no new key in place of a lost one") {
    const TemporaryDirectory directory;
    const fs::path ring = directory.path() / kKeyringFileName;
    const KeyringUse use{.default_file = ring, .has_been_sealed = true};
    CHECK(refusal({}, use) ==
          "keyring file '" + ring.native() +
              "' is missing, and without its keys the secrets of this deployment do not open; "
              "restore it from your backup");
    CHECK(directory.entries() == 0);
  }

  TEST_CASE("a store that forgets has a key that nobody keeps") {
    const KeyringUse use{.store_forgets = true};
    const OpenedKeyring first = open_keyring({}, {}, use), second = open_keyring({}, {}, use);
    CHECK(ids_of(first.keyring) == "ephemeral, current ephemeral");
    CHECK(first.keyring.current().fingerprint != second.keyring.current().fingerprint);
    CHECK(!first.made);
    CHECK(opened(settings_of({}, variable_key("a")), use) == "a, current a");
  }

  TEST_CASE("a store that keeps secrets elsewhere needs keys that somebody has thought about") {
    CHECK(refusal({}) ==
          "the secrets of this store are to be sealed, and there is no key to seal them with; make "
          "a keyring file with 'kist keys init' and name it as 'sealing.keyring', or set "
          "'sealing.enabled' to false");
  }

  TEST_CASE("the default keyring file is for stores that keep secrets on this machine") {
    const DeploymentDirectory directory{"/var/lib/kist", "the store's option 'path'"};
    const auto use = [&](std::vector<std::string> capabilities, bool sealed = false) {
      StoreTypeManifest manifest;
      manifest.capabilities = std::move(capabilities);
      Deployment deployment{{}, {}};
      if (sealed) deployment.key_checks["k1"] = {};
      return keyring_use(manifest, directory, deployment);
    };
    CHECK(use({"persistent", "local"}).default_file == "/var/lib/kist/kist-keyring");
    CHECK(!use({"persistent", "local"}).store_forgets);
    CHECK(!use({"persistent", "local"}).has_been_sealed);
    CHECK(use({"persistent", "local"}, true).has_been_sealed);
    CHECK(!use({"persistent"}).default_file);
    CHECK(use({"local"}).store_forgets);
    CHECK(keyring_file({}, use({"persistent", "local"})) == "/var/lib/kist/kist-keyring");
    CHECK(keyring_file(settings_of("/ring"), use({"persistent", "local"})) == "/ring");
    CHECK(!keyring_file(settings_of({}, variable_key("a")), use({"persistent", "local"})));
    CHECK(!keyring_file({}, use({"local"})));
  }
}
