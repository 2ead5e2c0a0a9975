// SPDX-License-Identifier: Apache-2.0
#include "config/store_options.hpp"

#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include "../access/token_sample.hpp"
#include "config/configuration_table.hpp"
#include "message_of.hpp"
#include "sample_configuration.hpp"

using namespace kist::core;
using kist::core::testing::kSampleTokenHash;
using kist::core::testing::message_of;
using kist::core::testing::SampleConfiguration;

namespace {

/// A store type with an option of each kind.
const StoreTypeManifest& manifest() {
  static const StoreTypeManifest kManifest = [] {
    StoreTypeManifest type;
    type.type = "acme";
    const auto add = [&](const char* name, OptionKind kind) -> OptionSchema& {
      type.options.push_back({});
      type.options.back().name = name;
      type.options.back().kind = kind;
      return type.options.back();
    };
    add("address", OptionKind::string).required = true;
    OptionSchema& port = add("port", OptionKind::integer);
    port.min = 1;
    port.max = 65535;
    port.default_text = "8200";
    add("retries", OptionKind::integer).min = 0;
    add("offset", OptionKind::integer).max = 10;
    add("verify", OptionKind::boolean).default_text = "true";
    add("mode", OptionKind::string).choices = {"fast", "safe"};
    add("cache", OptionKind::path);
    add("token", OptionKind::string).secret = true;
    OptionSchema& pin = add("pin", OptionKind::integer);
    pin.secret = true;
    pin.max = 9999;
    OptionSchema& key = add("key_kind", OptionKind::string);
    key.secret = true;
    key.choices = {"short", "long"};
    return type;
  }();
  return kManifest;
}

/// A configuration whose store has `options` behind its type, beside the one that is required.
SampleConfiguration acme(const std::string& options, Environment environment = {},
                         std::vector<std::string> arguments = {}) {
  return {R"({"secrets_store": {"type": "acme", "address": "x")" + options + "}}",
          std::move(environment), std::move(arguments)};
}

CheckedOptions check(const SampleConfiguration& sample) {
  return check_store_options(sample.read().secrets_store, manifest());
}

std::string text_of(const CheckedOptions& options, std::string_view name) {
  const CheckedOption* const option = options.find(name);
  return option == nullptr ? "(absent)" : std::string(option->text.reveal());
}

}  // namespace

TEST_SUITE("core/config/store_options") {
  TEST_CASE("an option has the text that the plugin is promised, wherever it comes from") {
    struct Case {
      std::string json;
      Environment environment;
      std::vector<std::string> arguments;
      std::string_view name, expected;
    };
    const Case cases[] = {
        {"", {}, {}, "address", "x"},
        {"", {}, {}, "port", "8200"},
        {"", {}, {}, "verify", "true"},
        {"", {}, {}, "mode", "(absent)"},
        {R"(, "port": 1)", {}, {}, "port", "1"},
        {R"(, "port": 65535)", {}, {}, "port", "65535"},
        {R"(, "port": "${env:P}")", {{"P", "17"}}, {}, "port", "17"},
        {"", {{"KIST_SECRETS_STORE_PORT", "0017"}}, {}, "port", "17"},
        {"", {}, {"offset=-5"}, "offset", "-5"},
        {R"(, "verify": false)", {}, {}, "verify", "false"},
        {"", {{"KIST_SECRETS_STORE_VERIFY", "off"}}, {}, "verify", "false"},
        {"", {{"KIST_SECRETS_STORE_VERIFY", "no"}}, {}, "verify", "false"},
        {"", {{"KIST_SECRETS_STORE_VERIFY", "0"}}, {}, "verify", "false"},
        {"", {{"KIST_SECRETS_STORE_VERIFY", "false"}}, {}, "verify", "false"},
        {"", {{"KIST_SECRETS_STORE_VERIFY", "on"}}, {}, "verify", "true"},
        {"", {{"KIST_SECRETS_STORE_VERIFY", "yes"}}, {}, "verify", "true"},
        {"", {{"KIST_SECRETS_STORE_VERIFY", "1"}}, {}, "verify", "true"},
        {R"(, "mode": "safe")", {}, {}, "mode", "safe"},
        {R"(, "cache": "c/../d")", {}, {}, "cache", "/etc/kist/d"},
        {R"(, "cache": "/abs")", {}, {}, "cache", "/abs"},
        {R"(, "cache": "${env:P}")", {{"P", "d"}}, {}, "cache", "/etc/kist/d"},
        {"", {{"KIST_SECRETS_STORE_CACHE", "d"}}, {}, "cache", "/srv/d"},
        {"", {}, {"cache=d"}, "cache", "/srv/d"},
        {R"(, "token": "t\n")", {}, {}, "token", "t\n"},
        {"", {{"KIST_SECRETS_STORE_TOKEN", ""}}, {}, "token", ""},
        {R"(, "pin": 1234)", {}, {}, "pin", "1234"},
    };
    for (const Case& c : cases) {
      CAPTURE(c.json);
      CAPTURE(c.name);
      CAPTURE(c.expected);
      CHECK(text_of(check(acme(c.json, c.environment, c.arguments)), c.name) == c.expected);
    }
  }

  TEST_CASE("each option has its kind, its origin, and whether it is secret") {
    const CheckedOptions options =
        check(acme(R"(, "token": "t")", {{"KIST_SECRETS_STORE_MODE", "fast"}}));
    CHECK(options.section == "secrets_store");
    CHECK(options.type == "acme");
    CHECK(options.find("token")->secret);
    CHECK(options.find("token")->origin.describe() == "kist.json:1:61");
    CHECK(!options.find("port")->secret);
    CHECK(options.find("port")->kind == OptionKind::integer);
    CHECK(options.find("port")->origin.describe() == "default");
    CHECK(options.find("mode")->origin.describe() == "environment KIST_SECRETS_STORE_MODE");
    static_assert(std::is_same_v<decltype(CheckedOption::text), kist::SecretValue>);
  }

  TEST_CASE("an option that does not fit the schema is refused before the plugin runs") {
    struct Case {
      std::string json;
      Environment environment;
      std::string_view expected;
    };
    const Case cases[] = {
        {R"(, "adress": "canary")",
         {},
         "kist.json:1:62: unknown option 'adress' of store type 'acme'; did you mean 'address'? "
         "Allowed: address, port, retries, offset, verify, mode, cache, token, pin, key_kind, "
         "trace_calls"},
        {"",
         {{"KIST_SECRETS_STORE_ZZZ", "canary"}},
         "environment KIST_SECRETS_STORE_ZZZ: unknown option 'zzz' of store type 'acme'. Allowed: "
         "address, port, retries, offset, verify, mode, cache, token, pin, key_kind, trace_calls"},
        {R"(, "port": "8200")",
         {},
         "kist.json:1:60: the option 'port' of store type 'acme' must be a whole number from 1 to "
         "65535, found a string"},
        {R"(, "port": true)",
         {},
         "kist.json:1:60: the option 'port' of store type 'acme' must be a whole number from 1 to "
         "65535, found a boolean"},
        {R"(, "port": 0)",
         {},
         "kist.json:1:60: the option 'port' of store type 'acme' must be a whole number from 1 to "
         "65535, found 0"},
        {R"(, "port": 65536)",
         {},
         "kist.json:1:60: the option 'port' of store type 'acme' must be a whole number from 1 to "
         "65535, found 65536"},
        {"",
         {{"KIST_SECRETS_STORE_PORT", "80x"}},
         "environment KIST_SECRETS_STORE_PORT: the option 'port' of store type 'acme' must be a "
         "whole "
         "number from 1 to 65535, found '80x'"},
        {"",
         {{"KIST_SECRETS_STORE_PORT", ""}},
         "environment KIST_SECRETS_STORE_PORT: the option 'port' of store type 'acme' must be a "
         "whole "
         "number from 1 to 65535, found ''"},
        {"",
         {{"KIST_SECRETS_STORE_PORT", "99999999999999999999"}},
         "environment KIST_SECRETS_STORE_PORT: the option 'port' of store type 'acme' must be a "
         "whole "
         "number from 1 to 65535, found '99999999999999999999'"},
        {R"(, "port": "${env:P}")",
         {{"P", "canary"}},
         "kist.json:1:60: the option 'port' of store type 'acme' must be a whole number from 1 to "
         "65535"},
        {R"(, "retries": -1)",
         {},
         "kist.json:1:63: the option 'retries' of store type 'acme' must be a whole number of at "
         "least "
         "0, found -1"},
        {R"(, "offset": 11)",
         {},
         "kist.json:1:62: the option 'offset' of store type 'acme' must be a whole number of at "
         "most "
         "10, found 11"},
        {R"(, "verify": 1)",
         {},
         "kist.json:1:62: the option 'verify' of store type 'acme' must be true or false, found a "
         "whole number"},
        {"",
         {{"KIST_SECRETS_STORE_VERIFY", "TRUE"}},
         "environment KIST_SECRETS_STORE_VERIFY: the option 'verify' of store type 'acme' must be "
         "one "
         "of true, 1, yes, on, or of false, 0, no, off, found 'TRUE'"},
        {R"(, "mode": "fsat")",
         {},
         "kist.json:1:60: the option 'mode' of store type 'acme' has an unknown value 'fsat'; did "
         "you "
         "mean 'fast'? Allowed: fast, safe"},
        {R"(, "mode": "${env:P}")",
         {{"P", "canary"}},
         "kist.json:1:60: the option 'mode' of store type 'acme' has an unknown value. Allowed: "
         "fast, "
         "safe"},
        {R"(, "mode": 7)",
         {},
         "kist.json:1:60: the option 'mode' of store type 'acme' must be a string, found a whole "
         "number"},
        {R"(, "cache": 7)",
         {},
         "kist.json:1:61: the option 'cache' of store type 'acme' must be a path, found a whole "
         "number"},
        {"",
         {{"KIST_SECRETS_STORE_CACHE", ""}},
         "environment KIST_SECRETS_STORE_CACHE: the option 'cache' of store type 'acme' must be a "
         "path, found an empty text"},
        {R"(, "cache": "a\u0000b")",
         {},
         "kist.json:1:61: 'secrets_store.cache' must not hold a NUL character"},
        {R"(, "token": 12345)",
         {},
         "kist.json:1:61: the option 'token' of store type 'acme' must be a string, found a whole "
         "number"},
        {R"(, "pin": 12345)",
         {},
         "kist.json:1:59: the option 'pin' of store type 'acme' must be a whole number of at most "
         "9999"},
        {R"(, "key_kind": "canary")",
         {},
         "kist.json:1:64: the option 'key_kind' of store type 'acme' has an unknown value. "
         "Allowed: "
         "short, long"},
    };
    for (const Case& c : cases) {
      CAPTURE(c.json);
      const std::string message = message_of([&] { check(acme(c.json, c.environment)); });
      CHECK(message == c.expected);
      CHECK(message.find("canary") == std::string::npos);
    }
  }

  TEST_CASE("a missing option is reported with the two ways to give it") {
    const SampleConfiguration sample{R"({"secrets_store": {"type": "acme"}})"};
    CHECK(message_of([&] { check(sample); }) ==
          "kist.json:1:28: the store type 'acme' needs the option 'address': give it beside "
          "'type', or "
          "as KIST_SECRETS_STORE_ADDRESS");
  }

  TEST_CASE("a secret on the command line is taken, with a warning") {
    const CheckedOptions options = check(acme("", {}, {"token=canary", "port=1"}));
    REQUIRE(options.warnings.size() == 1);
    CHECK(options.warnings[0] ==
          "the secret option 'token' of 'secrets_store' is given on the command line, which others "
          "on "
          "this machine can see; use a variable or a file instead");
  }
}

TEST_SUITE("core/config/configuration_table") {
  std::string table(const std::vector<Setting>& rows) {
    std::string text;
    for (const Setting& row : rows) {
      if (row.path.starts_with("http.limits.")) continue;
      text += row.path + " = " + row.text + " <" + row.origin + ">\n";
    }
    return text;
  }

  TEST_CASE("the table shows what is in force and where it comes from, and no secret") {
    const SampleConfiguration sample{
        "{\"secrets_store\": {\"type\": \"acme\", \"address\": \"${env:ADDRESS}\", \"token\": "
        "\"canary\"},\n"
        " \"principals\": [{\"name\": \"a\", \"token_hash\": \"" +
            std::string(kSampleTokenHash) +
            "\",\n  \"token_expires\": \"2027-01-31T12:00:00Z\", \"socket_uid\": 7,\n"
            "  \"roles\": {\"*\": \"admin\"}}],\n"
            " \"audit\": {\"signing_key\": \"canary\"},\n"
            " \"http\": {\"listen\": [\"${env:ADDRESS}\"]}}",
        {{"ADDRESS", "canary"}, {"KIST_SECRETS_STORE_MODE", "fast"}}};
    const Configuration configuration = sample.read();
    const CheckedOptions options = check_store_options(configuration.secrets_store, manifest());
    CHECK(table(show_configuration(configuration, &options, nullptr)) ==
          "secrets_store.type = acme <kist.json:1:28>\n"
          "secrets_store.address = (secret) <kist.json:1:47, from ${env:ADDRESS}>\n"
          "secrets_store.port = 8200 <default>\n"
          "secrets_store.verify = true <default>\n"
          "secrets_store.mode = fast <environment KIST_SECRETS_STORE_MODE>\n"
          "secrets_store.token = (secret) <kist.json:1:74>\n"
          "secrets_store.trace_calls = false <default>\n"
          "backup_secrets_store.type = none <default>\n"
          "sealing.enabled = auto <default>\n"
          "workspaces[0] = default <default>\n"
          "principals[0].name = a <kist.json:2:26>\n"
          "principals[0].token_hash = (secret) <kist.json:2:45>\n"
          "principals[0].token_expires = 2027-01-31T12:00:00Z <kist.json:3:20>\n"
          "principals[0].socket_uid = 7 <kist.json:3:58>\n"
          "principals[0].roles.* = admin <kist.json:4:18>\n"
          "http.listen[0] = (secret) <kist.json:6:22, from ${env:ADDRESS}>\n"
          "http.threads = (the processors, at most 4) <default>\n"
          "audit.enabled = true <default>\n"
          "audit.signing_key = (secret) <kist.json:5:27>\n"
          "audit.rotate_bytes = 1073741824 <default>\n"
          "audit.deadline_ms = 5000 <default>\n"
          "log.level = info <default>\n"
          "log.format = auto <default>\n");
  }

  TEST_CASE("without the plugin's schema every option counts as secret") {
    const Configuration configuration = acme(R"(, "mode": "canary")").read();
    CHECK(table(show_configuration(configuration, nullptr, nullptr)).substr(0, 124) ==
          "secrets_store.type = acme <kist.json:1:28>\n"
          "secrets_store.address = (secret) <kist.json:1:47>\n"
          "secrets_store.mode = (secret) <");
  }
}
