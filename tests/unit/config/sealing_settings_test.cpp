// SPDX-License-Identifier: Apache-2.0
#include "config/sealing_settings.hpp"

#include <string>
#include <variant>

#include <doctest/doctest.h>

#include "config/configuration_table.hpp"
#include "message_of.hpp"
#include "sample_configuration.hpp"

using namespace kist;
using namespace kist::core;
using namespace kist::core::testing;

namespace {

SampleConfiguration sample(const std::string& sealing) {
  return {R"({"secrets_store": {"type": "memory"}, "sealing": )" + sealing + "}",
          {{"PIN", "canary"}, {"OTHER", "canary"}}};
}

SealingSettings read(const std::string& sealing) {
  return std::move(sample(sealing).read().sealing);
}

/// The refusal of a `sealing` section, without the place.
std::string refusal(const std::string& sealing) {
  const std::string message = message_of([&] { read(sealing); });
  CHECK(message.starts_with("kist.json:1:"));
  return message.substr(message.find(": ") + 2);
}

std::string refusal_of_key(const std::string& members) {
  return refusal(R"({"keys": [{"id": "k1")" + members + "}]}");
}

}  // namespace

TEST_SUITE("core/config/sealing_settings") {
  TEST_CASE("without the section all is left to the store") {
    const Configuration configuration =
        SampleConfiguration{R"({"secrets_store": {"type": "memory"}})"}.read();
    CHECK(!configuration.sealing.enabled);
    CHECK(!configuration.sealing.names_keys());
    CHECK(!configuration.sealing.current);
  }

  TEST_CASE("sealing is on, off, or left to the store") {
    CHECK(read(R"({"enabled": true})").enabled == true);
    CHECK(read(R"({"enabled": false})").enabled == false);
    CHECK(!read(R"({"enabled": "auto"})").enabled);
    CHECK(!read("{}").enabled);
  }

  TEST_CASE("a key comes from one of five sources") {
    const SealingSettings sealing = read(R"({
      "keyring": "keys/ring", "current": "t",
      "keys": [
        {"id": "f", "file": "k1.key"},
        {"id": "e", "environment": "KIST_KEY"},
        {"id": "c", "command": ["/usr/bin/pass", "show", "kist"]},
        {"id": "s", "credential": "kek"},
        {"id": "t", "pkcs11": {"module": "/usr/lib/p11.so", "token": "kist", "label": "k1", "pin": "${env:PIN}"}}
      ]})");
    CHECK(sealing.names_keys());
    CHECK(sealing.keyring == "/etc/kist/keys/ring");
    CHECK(sealing.current == "t");
    REQUIRE(sealing.keys.size() == 5);
    CHECK(sealing.keys[0].id == "f");
    CHECK(sealing.keys[0].place == "kist.json:4:9");
    CHECK(std::get<KeyFile>(sealing.keys[0].source).path == "/etc/kist/k1.key");
    CHECK(std::get<KeyVariable>(sealing.keys[1].source).name == "KIST_KEY");
    CHECK(std::get<KeyCommand>(sealing.keys[2].source).arguments ==
          std::vector<std::string>{"/usr/bin/pass", "show", "kist"});
    CHECK(std::get<KeyCredential>(sealing.keys[3].source).name == "kek");
    const auto& token = std::get<Pkcs11Settings>(sealing.keys[4].source);
    CHECK(token.module == "/usr/lib/p11.so");
    CHECK(token.token == "kist");
    CHECK(token.label == "k1");
    CHECK(token.pin.reveal() == "canary");
  }

  TEST_CASE("one key needs no 'current', and a keyring file may have it") {
    CHECK(!read(R"({"keys": [{"id": "k1", "file": "f"}]})").current);
    CHECK(read(R"({"keys": [{"id": "k1", "file": "f"}], "current": "k1"})").current == "k1");
    CHECK(read(R"({"keyring": "f", "current": "k9"})").current == "k9");
    CHECK(read(R"({"current": "k9"})").current == "k9");
    CHECK(read(R"({"keyring": "f", "keys": [{"id": "a", "file": "f"}, {"id": "b", "file": "f"}]})")
              .keys.size() == 2);
  }

  TEST_CASE("what is wrong is named with what was expected") {
    struct Case {
      std::string sealing, refusal;
    };
    const std::string sound = " must be a key id of 1 to 64 of the characters a-z A-Z 0-9 . _ -";
    const Case cases[] = {
        {R"({"curent": "k1"})",
         "unknown key 'curent' in 'sealing'; did you mean 'current'? Allowed: enabled, keyring, "
         "current, keys"},
        {R"({"enabled": "yes"})", "'sealing.enabled' must be true, false or \"auto\", found 'yes'"},
        {R"({"enabled": "${env:PIN}"})",
         "'sealing.enabled' must be true, false or \"auto\", found what ${env:PIN} gives"},
        {R"({"enabled": 1})",
         "'sealing.enabled' must be true, false or \"auto\", found a whole number"},
        {R"({"current": "k 1"})", "'sealing.current'" + sound},
        {R"({"current": "ofice", "keys": [{"id": "office", "file": "f"}]})",
         "unknown key 'ofice' for 'sealing.current'; did you mean 'office'? Allowed: office"},
        {R"({"keys": [{"id": "a", "file": "f"}, {"id": "b", "file": "g"}]})",
         "'sealing.keys' has 2 keys; expected 'sealing.current', which says which of them seals"},
        {R"({"keys": [{"id": "a", "file": "f"}, {"id": "a", "file": "g"}]})",
         "'sealing.keys[1]' has the same id as the key at kist.json:1:60"},
        {R"({"keys": [{"file": "f"}]})", "'sealing.keys[0]' needs the key 'id'"},
        {R"({"keys": [{"id": "k/1", "file": "f"}]})", "'sealing.keys[0].id'" + sound},
    };
    for (const Case& item : cases) {
      CAPTURE(item.sealing);
      CHECK(refusal(item.sealing) == item.refusal);
    }
  }

  TEST_CASE("a source that cannot be right is refused") {
    struct Case {
      std::string members, refusal;
    };
    const Case cases[] = {
        {"",
         "'sealing.keys[0]' needs one of the keys file, environment, command, credential, pkcs11"},
        {R"(, "file": "f", "command": ["/bin/x"])",
         "'sealing.keys[0]' has 'file' and 'command'; expected one of them"},
        {R"(, "fiel": "f")",
         "unknown key 'fiel' in 'sealing.keys[0]'; did you mean 'file'? Allowed: id, file, "
         "environment, command, credential, pkcs11"},
        {R"(, "environment": "A=B")",
         "'sealing.keys[0].environment' must be the name of a variable, without '='"},
        {R"(, "command": [])", "'sealing.keys[0].command' must name a program"},
        {R"(, "command": "pass")", "'sealing.keys[0].command' must be an array, found a string"},
        {R"(, "command": ["pass"])",
         "'sealing.keys[0].command[0]' must be an absolute path: it is run"},
        {R"(, "credential": "../kek")",
         "'sealing.keys[0].credential' must be the name of a file without '/'"},
        {R"(, "credential": "..")",
         "'sealing.keys[0].credential' must be the name of a file without '/'"},
        {R"(, "pkcs11": "token")", "'sealing.keys[0].pkcs11' must be an object, found a string"},
        {R"(, "pkcs11": {"module": "p11.so"})",
         "'sealing.keys[0].pkcs11.module' must be an absolute path: code is loaded from there"},
        {R"(, "pkcs11": {"module": "/p11.so", "token": "t", "label": "l"})",
         "'sealing.keys[0].pkcs11' needs the key 'pin'"},
    };
    for (const Case& item : cases) {
      CAPTURE(item.members);
      CHECK(refusal_of_key(item.members) == item.refusal);
    }
  }

  TEST_CASE("without the section it is shown that the store decides") {
    const Configuration configuration =
        SampleConfiguration{R"({"secrets_store": {"type": "memory"}})"}.read();
    std::string rows;
    for (const Setting& row : show_configuration(configuration, nullptr, nullptr))
      if (row.path.starts_with("sealing.")) rows += row.path + " = " + row.text + ", " + row.origin;
    CHECK(rows == "sealing.enabled = auto, default");
  }

  TEST_CASE("what is in force is shown, and a PIN is not") {
    const Configuration configuration = sample(R"({"keyring": "ring", "current": "t", "keys": [
        {"id": "t", "pkcs11": {"module": "/p11.so", "token": "kist", "label": "k1", "pin": "canary"}},
        {"id": "c", "command": ["/bin/get", "--token=${env:OTHER}"]}]})")
                                            .read();
    std::string rows;
    for (const Setting& row : show_configuration(configuration, nullptr, nullptr))
      if (row.path.starts_with("sealing.")) rows += row.path + " = " + row.text + "\n";
    CHECK(rows ==
          "sealing.enabled = auto\n"
          "sealing.keyring = ring\n"
          "sealing.current = t\n"
          "sealing.keys[0].id = t\n"
          "sealing.keys[0].pkcs11.module = /p11.so\n"
          "sealing.keys[0].pkcs11.token = kist\n"
          "sealing.keys[0].pkcs11.label = k1\n"
          "sealing.keys[0].pkcs11.pin = (secret)\n"
          "sealing.keys[1].id = c\n"
          "sealing.keys[1].command[0] = /bin/get\n"
          "sealing.keys[1].command[1] = (secret)\n");
  }
}
