// SPDX-License-Identifier: Apache-2.0
#include "config/store_settings.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "message_of.hpp"
#include "sample_configuration.hpp"

using namespace kist::core;
using kist::core::testing::message_of;
using kist::core::testing::SampleConfiguration;

namespace {

const std::string kSqlite =
    R"({"secrets_store": {"type": "sqlite", "path": "/f", "timeout_ms": 5}})";

/// "sqlite path=/f timeout_ms=5".
std::string summary(const StoreSettings& store) {
  std::string text = store.type;
  if (store.class_path) text += " (" + *store.class_path + ")";
  for (const StoreOption& option : store.options) {
    text += " " + option.name + "=" + std::string(option.text.reveal());
  }
  return text;
}

}  // namespace

TEST_SUITE("core/config/store_settings") {
  TEST_CASE("a place that names a type replaces those before it, others are merged over them") {
    struct Case {
      std::string_view what;
      std::string json;
      Environment environment;
      std::vector<std::string> arguments;
      std::string_view expected;
    };
    const Case cases[] = {
        {"file alone", kSqlite, {}, {}, "sqlite path=/f timeout_ms=5"},
        {"options of the environment are merged",
         kSqlite,
         {{"KIST_SECRETS_STORE_PATH", "/e"}},
         {},
         "sqlite path=/e timeout_ms=5"},
        {"a type in the environment replaces the file's store",
         kSqlite,
         {{"KIST_SECRETS_STORE_TYPE", "memory"}},
         {},
         "memory"},
        {"also if it is the same type",
         kSqlite,
         {{"KIST_SECRETS_STORE_TYPE", "sqlite"}, {"KIST_SECRETS_STORE_PATH", "/e"}},
         {},
         "sqlite path=/e"},
        {"the environment alone", "", {{"KIST_SECRETS_STORE_TYPE", "memory"}}, {}, "memory"},
        {"an empty variable is an empty text",
         kSqlite,
         {{"KIST_SECRETS_STORE_PATH", ""}},
         {},
         "sqlite path= timeout_ms=5"},
        {"the command line wins",
         kSqlite,
         {{"KIST_SECRETS_STORE_PATH", "/e"}},
         {"path=/c"},
         "sqlite path=/c timeout_ms=5"},
        {"a value may hold '='", kSqlite, {}, {"path=a=b"}, "sqlite path=a=b timeout_ms=5"},
        {"a type on the command line replaces all",
         kSqlite,
         {{"KIST_SECRETS_STORE_PATH", "/e"}},
         {"type=memory", "size=3"},
         "memory size=3"},
        {"also an environment that has a type",
         kSqlite,
         {{"KIST_SECRETS_STORE_TYPE", "x"}},
         {"type=memory"},
         "memory"},
        {"options without a store do not matter beside a later type",
         "",
         {{"KIST_SECRETS_STORE_PATH", "/e"}},
         {"type=memory"},
         "memory"},
        {"a custom store from the environment",
         "",
         {{"KIST_SECRETS_STORE_TYPE", "custom"}, {"KIST_SECRETS_STORE_CLASS_PATH", "acme.so:a"}},
         {},
         "custom (acme.so:a)"},
        {"class_path is merged too",
         R"({"secrets_store": {"type": "custom", "class_path": "a.so", "region": "eu"}})",
         {{"KIST_SECRETS_STORE_CLASS_PATH", "b.so"}},
         {},
         "custom (b.so) region=eu"},
        {"switched off", R"({"secrets_store": {"type": "none"}})", {}, {}, "none"},
        {"other variables are not looked at",
         kSqlite,
         {{"KIST_SECRETS_STOREX", "x"}, {"KIST_BACKUP_SECRETS_STORE_TYPE", "memory"}, {"kist", ""}},
         {},
         "sqlite path=/f timeout_ms=5"},
        {"a reference in a replaced section is not resolved",
         R"({"secrets_store": {"type": "sqlite", "path": "${env:NOT_SET}"}})",
         {{"KIST_SECRETS_STORE_TYPE", "memory"}},
         {},
         "memory"},
        {"references are resolved in the file alone",
         R"({"secrets_store": {"type": "${env:T}", "a": "${env:T}"}})",
         {{"T", "memory"}, {"KIST_SECRETS_STORE_B", "${env:T}"}},
         {"c=${env:T}"},
         "memory a=memory b=${env:T} c=${env:T}"},
    };
    for (const Case& c : cases) {
      CAPTURE(c.what);
      const SampleConfiguration sample{c.json, c.environment, c.arguments};
      CHECK(summary(sample.read().secrets_store) == c.expected);
    }
  }

  TEST_CASE("the backup store has variables and arguments of its own") {
    const SampleConfiguration sample{
        kSqlite,
        {{"KIST_BACKUP_SECRETS_STORE_TYPE", "sqlite"}, {"KIST_BACKUP_SECRETS_STORE_PATH", "/b"}},
        {},
        {"timeout_ms=9"}};
    const Configuration read = sample.read();
    CHECK(summary(read.secrets_store) == "sqlite path=/f timeout_ms=5");
    CHECK(summary(read.backup_secrets_store) == "sqlite path=/b timeout_ms=9");
  }

  TEST_CASE("each option remembers where it comes from and how it was written") {
    const SampleConfiguration sample{
        R"({"secrets_store": {"type": "x", "a": "s", "b": 7, "c": false, "d": "${env:T}", "e": "1"}})",
        {{"T", "canary"}, {"KIST_SECRETS_STORE_E", "2"}},
        {"f=3"}};
    const Configuration read = sample.read();
    struct Case {
      std::string_view name;
      OptionForm form;
      std::string_view origin;
    };
    const Case cases[] = {
        {"a", OptionForm::json_string, "kist.json:1:38"},
        {"b", OptionForm::json_integer, "kist.json:1:48"},
        {"c", OptionForm::json_boolean, "kist.json:1:56"},
        {"d", OptionForm::text, "kist.json:1:68, from ${env:T}"},
        {"e", OptionForm::text, "environment KIST_SECRETS_STORE_E"},
        {"f", OptionForm::text, "command line"},
    };
    for (const Case& c : cases) {
      CAPTURE(c.name);
      const StoreOption* const option = read.secrets_store.option(c.name);
      REQUIRE(option != nullptr);
      CHECK(option->form == c.form);
      CHECK(option->origin.describe() == c.origin);
    }
  }

  TEST_CASE("a store that makes no sense is refused with its place and what is allowed") {
    struct Case {
      std::string json;
      Environment environment;
      std::vector<std::string> arguments;
      std::string_view expected;
    };
    const Case cases[] = {
        {R"({"secrets_store": "sqlite"})",
         {},
         {},
         "kist.json:1:19: 'secrets_store' must be an object, found a string"},
        {R"({"secrets_store": "sqlite"})",
         {{"KIST_SECRETS_STORE_TYPE", "memory"}},
         {},
         "kist.json:1:19: 'secrets_store' must be an object, found a string"},
        {R"({"secrets_store": {"path": "/x"}})",
         {},
         {},
         "kist.json:1:19: 'secrets_store' needs the key 'type'"},
        {R"({"secrets_store": {"tpye": "sqlite"}})",
         {},
         {},
         "kist.json:1:19: 'secrets_store' needs the key 'type'; is 'tpye' meant to be it?"},
        {R"({"secrets_store": {"type": 7}})",
         {},
         {},
         "kist.json:1:28: 'secrets_store.type' must be a string, found a whole number"},
        {R"({"secrets_store": {"type": "SQLite"}})",
         {},
         {},
         "kist.json:1:28: the type of 'secrets_store' must be 1 to 64 of a-z, 0-9, '_' and '-', "
         "found "
         "'SQLite'"},
        {R"({"secrets_store": {"type": ""}})",
         {},
         {},
         "kist.json:1:28: the type of 'secrets_store' must be 1 to 64 of a-z, 0-9, '_' and '-', "
         "found "
         "''"},
        {R"({"secrets_store": {"type": "${env:T}"}})",
         {{"T", "CANARY!"}},
         {},
         "kist.json:1:28: the type of 'secrets_store' must be 1 to 64 of a-z, 0-9, '_' and '-', "
         "found "
         "${env:T}"},
        {R"({"secrets_store": {"type": "custom"}})",
         {},
         {},
         "kist.json:1:28: the store type 'custom' needs 'class_path': a plugin's file, such as "
         "\"/usr/lib/kist/plugins/acme.so\", or its id, with an optional ':type' behind it"},
        {R"({"secrets_store": {"type": "custom", "class_path": ""}})",
         {},
         {},
         "kist.json:1:52: 'class_path' must not be empty, and be UTF-8 without control characters"},
        {R"({"secrets_store": {"type": "custom", "class_path": "a\u0000b"}})",
         {},
         {},
         "kist.json:1:52: 'secrets_store.class_path' must not hold a NUL character"},
        {R"({"secrets_store": {"type": "sqlite", "class_path": "a.so"}})",
         {},
         {},
         "kist.json:1:52: 'class_path' belongs to the store type 'custom', and 'secrets_store' has "
         "the "
         "type 'sqlite'"},
        {kSqlite,
         {{"KIST_SECRETS_STORE_CLASS_PATH", "a.so"}},
         {},
         "environment KIST_SECRETS_STORE_CLASS_PATH: 'class_path' belongs to the store type "
         "'custom', "
         "and 'secrets_store' has the type 'sqlite'"},
        {R"({"secrets_store": {"type": "none", "path": "/x"}})",
         {},
         {},
         "kist.json:1:44: the option 'path' of 'secrets_store' has no meaning beside the type "
         "'none'"},
        {R"({"secrets_store": {"type": "none"}})",
         {{"KIST_SECRETS_STORE_PATH", "/x"}},
         {},
         "environment KIST_SECRETS_STORE_PATH: the option 'path' of 'secrets_store' has no meaning "
         "beside the type 'none'"},
        {R"({"secrets_store": {"type": "x", "Path": "/x"}})",
         {},
         {},
         "kist.json:1:33: 'Path' in 'secrets_store' cannot be the name of an option: these have 1 "
         "to "
         "64 of a-z, 0-9 and '_', and begin with a letter"},
        {R"({"secrets_store": {"type": "x", "a\u0000": "/x"}})",
         {},
         {},
         "kist.json:1:33: 'a\\x00' in 'secrets_store' cannot be the name of an option: these have "
         "1 "
         "to 64 of a-z, 0-9 and '_', and begin with a letter"},
        {R"({"secrets_store": {"type": "x", "a": {"b": 1}}})",
         {},
         {},
         "kist.json:1:38: 'secrets_store.a' must be a string, a whole number or a boolean, found "
         "an "
         "object"},
        {R"({"secrets_store": {"type": "x", "a": null}})",
         {},
         {},
         "kist.json:1:38: 'secrets_store.a' must be a string, a whole number or a boolean, found "
         "null"},
        {"",
         {{"KIST_SECRETS_STORE_PATH", "/x"}},
         {},
         "KIST_SECRETS_STORE_PATH is set but no store is configured: set KIST_SECRETS_STORE_TYPE "
         "too, "
         "or give 'secrets_store' in the configuration file"},
        {kSqlite,
         {{"KIST_BACKUP_SECRETS_STORE_CLASS_PATH", "/x"}},
         {},
         "KIST_BACKUP_SECRETS_STORE_CLASS_PATH is set but no store is configured: set "
         "KIST_BACKUP_SECRETS_STORE_TYPE too, or give 'backup_secrets_store' in the configuration "
         "file"},
        {"{}",
         {},
         {"path=/x"},
         "command line: the store option 'path' is given but no store is configured: set "
         "KIST_SECRETS_STORE_TYPE too, or give 'secrets_store' in the configuration file"},
        {kSqlite,
         {{"KIST_SECRETS_STORE_", "/x"}},
         {},
         "environment 'KIST_SECRETS_STORE_': behind KIST_SECRETS_STORE_ stands the name of an "
         "option "
         "in capitals"},
        {kSqlite,
         {{"KIST_SECRETS_STORE_path", "/x"}},
         {},
         "environment 'KIST_SECRETS_STORE_path': behind KIST_SECRETS_STORE_ stands the name of an "
         "option in capitals"},
        {kSqlite,
         {},
         {"canary"},
         "command line: a store option is written NAME=VALUE, found no '='"},
        {kSqlite, {}, {"=canary"}, "command line: '' cannot be the name of a store option"},
        {kSqlite,
         {},
         {"path=/a", "path=/b"},
         "command line: the store option 'path' is given twice"},
        {kSqlite,
         {},
         {"type="},
         "command line: the type of 'secrets_store' must be 1 to 64 of a-z, 0-9, '_' and '-', "
         "found "
         "''"},
    };
    for (const Case& c : cases) {
      CAPTURE(c.expected);
      const SampleConfiguration sample{c.json, c.environment, c.arguments};
      CHECK(message_of([&] { sample.read(); }) == c.expected);
    }
  }
}
