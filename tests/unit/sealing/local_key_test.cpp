// SPDX-License-Identifier: Apache-2.0
#include "sealing/local_key.hpp"

#include <string>

#include <doctest/doctest.h>

#include "sealing_samples.hpp"

using namespace kist;
using namespace kist::core;
using namespace kist::core::testing;

TEST_SUITE("core/sealing/local_key") {
  TEST_CASE("what a key wraps it unwraps, and no other key does") {
    const LocalKey one(key_named("1")), other(key_named("2"));
    const SecretValue dek = new_key();
    const WrappedKey wrapped = one.wrap(dek.view(), "for this");
    const auto unwrapped = one.unwrap(wrapped, "for this");
    REQUIRE(unwrapped);
    CHECK(unwrapped->reveal() == dek.reveal());
    CHECK(!other.unwrap(wrapped, "for this"));
    CHECK(!one.unwrap(wrapped, "for that"));
    CHECK(!one.unwrap(wrapped, ""));
  }

  TEST_CASE("AT-50: a bit flipped anywhere in a wrapped key is noticed") {
    const LocalKey key(key_named("1"));
    const WrappedKey wrapped = key.wrap(new_key().view(), "for this");
    for (std::size_t bit = 0; bit < 8 * wrapped.size(); ++bit) {
      WrappedKey flipped = wrapped;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
      CAPTURE(bit);
      CHECK(!key.unwrap(flipped, "for this"));
    }
  }

  TEST_CASE("the same key is never wrapped the same way twice") {
    const LocalKey key(key_named("1"));
    const SecretValue dek = new_key();
    CHECK(key.wrap(dek.view(), "") != key.wrap(dek.view(), ""));
    CHECK(new_key().reveal() != new_key().reveal());
  }

  TEST_CASE("a fingerprint tells keys apart, and stays the same from one version to the next") {
    // printf 'kist-fingerprint-1%032d' 0 | sha256sum
    CHECK(fingerprint_of(key_named("0").view()) == "5004c120");
    CHECK(fingerprint_of(key_named("1").view()) != fingerprint_of(key_named("2").view()));
  }
}
