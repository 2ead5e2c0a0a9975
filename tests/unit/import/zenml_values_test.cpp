// SPDX-License-Identifier: Apache-2.0
#include "import/zenml_values.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "../secrets/failure_of.hpp"
#include "../secrets/service_fixture.hpp"
#include "zenml_file.hpp"

using namespace kist;
using namespace kist::core;
using namespace kist::core::testing;

namespace {

constexpr std::string_view kKey = "zenml-test-key";
// Made with Python's `cryptography` 48.
constexpr std::string_view kEncrypted =
    "AAECAwQFBgcICQoLAraLpbFjztqhITtJTdu/gEqrqx1dz+w7MdS/"
    "krcFKSryTxXvX7bO1zbaCFgS3ubYIIBwqj4hajJqULXVR8f/ZKhpR48=";
constexpr std::string_view kPlain =
    "eyJhcmlhIjogInNwYWNlIGNhdCIsICJheGwiOiAiIiwgInUiOiAiXHUwMGU5XG5cIi8ifQ==";
constexpr std::string_view kEncryptedEmpty = "AAAAAAAAAAAAAAAAl6pEoWrDSui3DORTo9C1NxmF";
constexpr std::string_view kShown = "aria=space cat axl= u=\xC3\xA9\n\"/";

ZenmlValues with_keys(const std::vector<std::string_view>& keys) {
  std::vector<SecretValue> values;
  for (const std::string_view key : keys) values.emplace_back(key);
  return ZenmlValues(values);
}

std::string opened(const std::vector<std::string_view>& keys, std::string_view stored) {
  std::string text;
  const std::string failure = failure_of([&] {
    const auto result = with_keys(keys).open(stored, Limits{});
    text = ServiceFixture::shown(result.values) +
           (result.key ? " by key " + std::to_string(*result.key) : "");
  });
  return failure.empty() ? text : failure;
}

}  // namespace

TEST_SUITE("core/import/zenml_values") {
  TEST_CASE("what ZenML stored is opened: encrypted, plain and empty") {
    const std::string shown(kShown);
    CHECK(opened({kKey}, kEncrypted) == shown + " by key 0");
    CHECK(opened({kKey}, kEncryptedEmpty) == " by key 0");
    CHECK(opened({}, kPlain) == shown);
    CHECK(opened({}, "e30=") == "");
  }

  TEST_CASE("keys are tried in turn, and the one that opened is known") {
    CHECK(opened({"other", kKey, "third"}, kEncryptedEmpty) == " by key 1");
    CHECK(opened({kKey, kKey}, kEncryptedEmpty) == " by key 0");
  }

  TEST_CASE("what does not decrypt is said, and why") {
    const std::string wrong = "corrupt: its values do not decrypt with the key that is given";
    CHECK(opened({"other"}, kEncrypted) == wrong);
    CHECK(opened({"zenml-test-key\n"}, kEncrypted) == wrong);
    CHECK(opened({"one", "two"}, kEncrypted) ==
          "corrupt: its values do not decrypt with any of the 2 keys that are given");
    CHECK(opened({}, kEncrypted) ==
          "corrupt: its values are encrypted or damaged, and no key is given");
    CHECK(opened({kKey}, kPlain) == "corrupt: its values are not encrypted, and a key is given");
    // No byte of them may change; nor may the tag be where others put it, behind the ciphertext.
    for (const std::size_t place : {0u, 15u, 16u, 37u, 38u, 60u, 100u}) {
      std::string damaged(kEncrypted);
      damaged[place] = damaged[place] == 'A' ? 'B' : 'A';
      CAPTURE(place);
      CHECK(opened({kKey}, damaged) == wrong);
    }
    CHECK(opened({kKey}, "") == wrong);
    CHECK(opened({kKey}, base64(std::string(27, 'x'))) == wrong);
    CHECK(opened({kKey}, base64(std::string(28, 'x'))) == wrong);
  }

  TEST_CASE("only base64 is taken for base64") {
    const std::string refused = "corrupt: its values are damaged: they are no base64";
    for (const char* text : {"e30", "e30=\n", " e30=", "e3-=", "e3_=", "e===", "====", "e30=e30=",
                             "=e30", "e3=0", "e\x80\x80=", "{}", "e30=-"}) {
      CAPTURE(text);
      CHECK(opened({}, text) == refused);
    }
    CHECK(opened({}, std::string("e3\0=", 4)) == refused);
  }

  TEST_CASE("what decrypts and is no map of strings is said with its own reason") {
    CHECK(opened({"k"}, encrypted("{}", "k")) == " by key 0");
    CHECK(opened({"k"}, encrypted("", "k")) == "corrupt: its values are no JSON object");
    CHECK(opened({"k"}, encrypted(R"({"a": 1})", "k")) ==
          "invalid_argument: one of its values is no string");
    CHECK(opened({}, base64(R"({"a": null})")) ==
          "invalid_argument: one of its values is no string");
  }
}
