// SPDX-License-Identifier: Apache-2.0
// AT-34: secrets that come from elsewhere: the PIN of a token, and another server's database.
#include <cstdlib>
#include <string>

#include <doctest/doctest.h>

#include "../unit/import/zenml_file.hpp"
#include "../unit/sealing/soft_token.hpp"
#include "canary_sweep.hpp"

using namespace kist::testing;

TEST_SUITE("system/foreign_canary") {
  TEST_CASE("AT-34: the PIN of a token is left nowhere") {
    SqliteSweep sweep;
    const std::string pin = sweep.canary("PIN");
    kist::test::SoftHsm hsm;
    hsm.add_token("kist");
    hsm.generate_key("kist", "k1");
    hsm.change_pin("kist", pin);
    sweep.environment["SOFTHSM2_CONF"] = std::getenv("SOFTHSM2_CONF");
    sweep.give("pin", pin + "\n");
    const auto configure = [&](const std::string& given_pin) {
      sweep.configure(sweep.store() +
                      R"(, "sealing": {"keys": [{"id": "k1", "pkcs11": {"module": ")" +
                      KIST_TEST_SOFTHSM2 + R"(", "token": "kist", "label": "k1", "pin": ")" +
                      given_pin + "\"}}]}");
    };
    for (const std::string& given_pin :
         {pin, std::string("${env:PIN}"), std::string("${file:pin}")}) {
      INFO(given_pin);
      sweep.environment["PIN"] = given_pin == "${env:PIN}" ? pin : "";
      configure(given_pin);
      sweep.kist({"config", "show"});
      const std::string name = "s" + std::to_string(given_pin.size());
      sweep.kist({"secret", "create", name, "k=" + sweep.value});
      sweep.kist({"secret", "get", name, "--key", "k"}, 0, {kShownValue});
      sweep.kist({"keys", "list"});
    }
    const std::string wrong = sweep.canary("wrong PIN");
    configure(wrong);
    sweep.kist({"keys", "list"});
    sweep.kist({"secret", "get", "s24", "--reveal"}, 6);
  }

  TEST_CASE("AT-34: of an import nothing is left but what is sealed") {
    SqliteSweep sweep;
    sweep.configure(sweep.store());
    const std::string key = sweep.canary("ZenML's key"), other = sweep.canary("another key");
    const kist::core::testing::ZenmlFile source(kist::core::testing::kPrivateTable);
    using kist::core::testing::encrypted;
    source.add({.values = "'" + encrypted(R"({"k": ")" + sweep.value + "\"}", key) + "'"});
    source.add({.id = "'0000000000004000800000000000000b'",
                .name = "'broken'",
                .values = "'" + encrypted(R"({"k": ")" + sweep.value, key) + "'"});
    const Words import = {"import", "zenml-sql", source.path().native()};
    const auto with = [&](Words more) {
      more.insert(more.begin(), import.begin(), import.end());
      return more;
    };
    const std::string key_file = sweep.give("key", key + "\n").native();
    const std::string other_file = sweep.give("other", other).native();
    sweep.kist(with({"--encryption-key-file", key_file}), 9);
    sweep.kist(with({"--encryption-key-file", key_file, "--output", "json"}), 9);
    sweep.run(
        {.words = with({"--encryption-key-env", "ZENML_KEY"}), .environment = {{"ZENML_KEY", key}}},
        9);
    sweep.kist(with({"--encryption-key-file", other_file, "--yes"}), 6);
    sweep.kist(import, 9);
    sweep.kist(
        with({"--encryption-key-file", key_file, "--encryption-key-file", other_file, "--yes"}), 6);
    sweep.kist(with({"--encryption-key-file", key_file, "--skip-undecryptable", "--yes"}));
    sweep.kist({"secret", "get", "db", "--reveal", "--output", "json"}, 0, {kShownValue});
  }
}
