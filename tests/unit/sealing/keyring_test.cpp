// SPDX-License-Identifier: Apache-2.0
#include "sealing/keyring.hpp"

#include <string>

#include <doctest/doctest.h>

#include "../config/message_of.hpp"
#include "sealing_samples.hpp"

using namespace kist;
using namespace kist::core;
using namespace kist::core::testing;

TEST_SUITE("core/sealing/keyring") {
  TEST_CASE("a key id has 1 to 64 of the characters that are safe everywhere") {
    for (const std::string& id : {std::string("k1"), std::string("A"), std::string("2026-01.hsm_b"),
                                  std::string("-"), std::string(64, 'k')}) {
      CAPTURE(id);
      CHECK(is_key_id(id));
    }
    for (const std::string& id :
         {std::string(), std::string("k 1"), std::string("k/1"), std::string("k\n"),
          std::string("\xC3\xA4"), std::string("k\0", 2), std::string(65, 'k')}) {
      CAPTURE(id);
      CHECK(!is_key_id(id));
    }
  }

  TEST_CASE("the current key is the one that is named, and the others are there too") {
    const Keyring ring = keyring_of({"k1", "k2", "k3"}, "k2");
    CHECK(ring.current().id == "k2");
    CHECK(ring.keys().size() == 3);
    CHECK(ring.find("k3") == &ring.keys()[2]);
    CHECK(ring.find("k4") == nullptr);
    CHECK(ring.find("") == nullptr);
  }

  TEST_CASE("AT-50: a key that cannot be had is in the way only if it is the current one") {
    const auto keys = [] {
      std::vector<KeyringKey> some;
      some.push_back({"k1", "file '/k1'", nullptr, "file '/k1' does not exist"});
      some.push_back({"k2", "file '/k2'", std::make_unique<LocalKey>(key_named("k2"))});
      return some;
    };
    CHECK(Keyring(keys(), "k2").find("k1")->problem == "file '/k1' does not exist");
    CHECK_NOTHROW(Keyring(keys(), "k2").require_current());
    CHECK(message_of([&] { Keyring(keys(), "k1").require_current(); }) ==
          "the current key 'k1' of the keyring cannot be had: file '/k1' does not exist");
  }
}
