// SPDX-License-Identifier: Apache-2.0
// AT-34: secrets in the configuration, and what a store that is no friend does with them.
#include <sys/stat.h>

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "canary_sweep.hpp"

using namespace kist::testing;

namespace {

/// The ways by which a store gets its token.
const std::vector<std::string> kWays = {"inline", "variable", "file", "option", "command line"};

/// A store with a token, in kist.json as `token` is there.
struct TokenSweep : Sweep {
  std::string store(const std::string& plugin, const std::string& more) {
    return R"("secrets_store": {"type": "custom", "class_path": ")" + plugin + "\"" + more + "}";
  }
  std::string gate() { return R"(, "gate": ")" + given("gate").native() + "\""; }

  /// How a run looks that gives the token in this way.
  Start with_token(const std::string& way, const Words& words) {
    Start start{.words = words};
    std::string inside;
    if (way == "inline") inside = R"(, "token": ")" + token + "\"";
    if (way == "variable") inside = R"(, "token": "${env:TOKEN}")";
    if (way == "file") inside = R"(, "token": "${file:token}")";
    if (way == "variable") start.environment["TOKEN"] = token;
    if (way == "file") give("token", token + "\n");
    if (way == "option") start.environment["KIST_SECRETS_STORE_TOKEN"] = token;
    if (way == "command line")
      start.words.insert(start.words.end(), {"--store-option", "token=" + token});
    configure(store("gate.so", gate() + inside));
    return start;
  }

  const std::string token = canary("token"), value = canary("value");
};

}  // namespace

TEST_SUITE("system/configured_canary") {
  TEST_CASE("AT-34: a configured secret is shown by nothing that looks at the configuration") {
    TokenSweep sweep;
    for (const std::string& way : kWays) {
      CAPTURE(way);
      for (const Words& words :
           {Words{"config", "check"}, Words{"config", "show"},
            Words{"config", "show", "--output", "json"}, Words{"store", "info"},
            Words{"secret", "list"}, Words{"secret", "list", "--output", "json"},
            Words{"keys", "list"}})
        sweep.run(sweep.with_token(way, words), 0);
      sweep.run(sweep.with_token(way, {"secret", "get", "absent"}), 4);
      // There is no gate.
      sweep.run(sweep.with_token(way, {"secret", "create", "s", "k=" + sweep.value}), 7);
    }
  }

  TEST_CASE("AT-34: a configuration that is wrong around a secret does not show it") {
    TokenSweep sweep;
    const std::string& token = sweep.token;
    const std::string start = sweep.store("gate.so", sweep.gate());
    const std::string open = start.substr(0, start.size() - 1);  // Without the last bracket.
    const std::string cases[] = {
        open + R"(, "token": ")" + token,
        open + R"(, "token": ")" + token + R"(" "x": 1})",
        open + R"(, "token": ")" + token + R"(", "token": ")" + token + "\"}",
        open + R"(, "token": [")" + token + "\"]}",
        open + R"(, "token": {"is": ")" + token + "\"}}",
        open + R"(, "token": ")" + token + "\\x\"}",
        open + R"(, "token": ")" + token + "\xff\"}",
        open + R"(, "token": ")" + token + "\\u0000\"}",
        open + R"(, "tokn": ")" + token + "\"}",
        open + R"(, "token": ")" + token + R"("}, "seling": ")" + token + "\"",
        open + R"(, "token": "${env:)" + token + "\"}",
        open + R"(, "token": "${)" + token + "}\"}",
        R"("secrets_store": {"gate": ")" + token + R"(", "token": 1)",
        R"("secrets_store": ")" + token + "\"",
    };
    for (const std::string& sections : cases) {
      INFO(sections);
      sweep.configure(sections);
      sweep.kist({"config", "check"}, 2);
      sweep.kist({"config", "show", "--output", "json"}, 2);
      sweep.kist({"secret", "create", "s", "k=" + sweep.value}, 2);
    }
    sweep.configure(start);
    sweep.kist({"secret", "list", "--store-option", token}, 2);
    sweep.kist({"secret", "list", "--store-option", "tokn=" + token}, 2);
    sweep.run({.words = {"secret", "list"}, .environment = {{"KIST_SECRETS_STORE_TOKN", token}}},
              2);
    sweep.run({.words = {"secret", "list"}, .environment = {{"KIST_SECRETS_STORE_tok", token}}}, 2);
  }

  TEST_CASE("AT-34, AT-36: of a plugin that quotes values and options, messages show neither") {
    TokenSweep sweep;
    const std::string token = R"(, "token": ")" + sweep.token + "\"";
    for (const bool sealed : {true, false}) {
      const std::string sealing =
          R"(, "sealing": {"enabled": )" + std::string(sealed ? "true" : "false") + "}";
      // What the plugins keep in their own memory is theirs to wipe.
      const auto create = [&](const char* plugin, int exit_code) {
        sweep.configure(sweep.store(plugin, token) + sealing);
        return sweep.run({.words = {"secret", "create", "s", "k=" + sweep.value}}, exit_code, {},
                         Sweep::Memory::passed_over);
      };
      create("message_reveals_value.so", 7);
      // It answers with a value that is no envelope.
      const Ended logged = create("log_reveals.so", sealed ? 8 : 0);
      CHECK(logged.err.find("opened with (redacted)") != std::string::npos);
    }
  }
}
