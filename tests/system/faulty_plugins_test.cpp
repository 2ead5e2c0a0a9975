// SPDX-License-Identifier: Apache-2.0
// What the conformance kit makes of a store that breaks one rule: tests/plugins/faulty.
#include <sys/stat.h>

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <doctest/doctest.h>

#include "kist_process.hpp"

using namespace kist::testing;

namespace {

/// Where a plugin of tests/plugins/faulty says which rule it breaks.
constexpr std::string_view kNoFault = "KIST_FAULT=none....";

std::string with_fault(std::string plugin, std::string_view rule) {
  const std::size_t at = plugin.find(kNoFault);
  REQUIRE(at != std::string::npos);
  REQUIRE(plugin.find(kNoFault, at + 1) == std::string::npos);
  std::string fault = "KIST_FAULT=" + std::string(rule);
  fault.resize(kNoFault.size(), '.');
  return plugin.replace(at, fault.size(), fault);
}

/// The rules that the kit calls broken, each with a space behind it.
std::string broken_rules(const Workplace& workplace, std::string_view plugin,
                         std::string_view fault, const Words& more) {
  const std::string file = KIST_TEST_PLUGINS "/faulty/" + std::string(plugin) + ".so";
  const auto copy =
      workplace.write(std::string(plugin) + ".so", with_fault(read_file(file), fault), 0755);
  Words words{"plugin", "test", copy.native(), "--output", "json"};
  words.insert(words.end(), more.begin(), more.end());
  const Ended ended = workplace.kist(words);
  CAPTURE(ended.err);
  std::string broken;
  const auto document = ended.json();
  for (const auto& rule : document.at("rules").as_array())
    if (rule.at("verdict") == "broken") broken += text_of(rule.at("rule")) + " ";
  CHECK(ended.exit_code == (broken.empty() ? 0 : 6));
  return broken;
}

void check_faults(std::string_view plugin, const std::vector<std::string>& rules,
                  const Words& more = {}) {
  const Workplace workplace;
  CHECK(broken_rules(workplace, plugin, "none", more).empty());
  for (const std::string& rule : rules) {
    CAPTURE(rule);
    CHECK(broken_rules(workplace, plugin, rule, more) == rule + " ");
  }
}

}  // namespace

TEST_SUITE("system/faulty_plugins") {
  TEST_CASE("a store that breaks one rule of a store is broken by that rule and no other") {
    check_faults("scans", {"ST-1", "ST-2", "ST-3", "ST-4", "ST-6", "ST-7", "ST-10", "ST-11",
                           "ST-12", "ST-13", "ST-14", "ST-15", "ST-17", "ST-18", "ST-21"});
  }

  TEST_CASE("a store that breaks one rule of a plugin is broken by that rule and no other") {
    check_faults("scans", {"KP-2", "KP-4", "KP-5", "KP-7", "KP-8", "KP-11", "KP-12", "KP-13",
                           "KP-14", "KP-15", "KP-16", "KP-17", "KP-29"});
  }

  TEST_CASE("a store that breaks one rule of a listing is broken by that rule and no other") {
    check_faults("queries", {"ST-8", "FL-2", "FL-4", "FL-5", "FL-7", "FL-8"});
  }

  TEST_CASE("a store that breaks one rule of what it keeps is broken by that rule and no other") {
    const Workplace workplace;
    const auto config = workplace.write(
        "test.json",
        R"json({"secrets_store": {"type": "keeps", "root": "${env:KIST_TEST_HOME}/secrets"},
                "damage_values": ["/bin/sh", "-c", "truncate -s -1 $(find $KIST_TEST_HOME -name $KIST_TEST_SECRET_ID -size +0)"]})json");
    Words more{"--config", config.native()};
    for (const char* const group : {"create", "get", "update", "delete", "always", "crash"})
      more.insert(more.end(), {"--only", group});
    check_faults("keeps", {"ST-5", "ST-9", "ST-16", "ST-19"}, more);
  }
}
