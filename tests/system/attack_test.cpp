// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <doctest/doctest.h>

#include "kist_process.hpp"

using namespace kist::testing;

namespace {

constexpr const char* kCanary = "CANARY-4d1f";

bool holds_canary(const Ended& ended) {
  return (ended.out + ended.err).find(kCanary) != std::string::npos;
}

}  // namespace

TEST_SUITE("system/attack") {
  TEST_CASE("ST-18: no message of a command that fails holds a value") {
    const Workplace workplace;
    const std::string canary = kCanary, pair = "k=" + canary;
    workplace.write("value", canary);
    workplace.write("env", "k=1\n" + canary + "\n");
    workplace.done({"secret", "create", "taken", "k=-"}, canary);
    const Words cases[] = {
        {"secret", "create", "taken", pair},
        {"secret", "create", "taken", "--from-file", "k=value"},
        {"secret", "create", "s", pair, pair},
        {"secret", "create", "s", "=" + canary},
        {"secret", "create", "s", canary},
        {"secret", "create", "s", "--from-env-file", "env"},
        {"secret", "create", "s", "--from-file", canary},
        {"secret", "create", "s", "--password=" + canary},
        {"secret", "create", "s", "--scope", "x", pair},
        {"secret", "get", "taken", canary, canary},
        {"secret", "update", "taken", pair, "--if-revision", "9"},
        {"secret", "update", "taken", pair, "--remove", "k"},
        {"secret", "update", "absent", pair},
        {"secret", "list", "--store-option", "no_such_option=" + canary},
    };
    for (const Words& words : cases) {
      for (const std::string format : {"table", "json"}) {
        Words all = words;
        all.insert(all.begin(), {"--output", format});
        const Ended ended = workplace.kist(all, canary);
        INFO(ended.err);
        CHECK(ended.exit_code != 0);
        CHECK(!holds_canary(ended));
      }
    }
  }

  TEST_CASE("AT-42: names, keys, values and arguments cannot write control characters") {
    const std::string evil =
        "a\x1b[31mb\xc2\x9b"
        "2Jc\x7f";
    const auto is_tame = [](const std::string& text) {
      return text.find('\x1b') == std::string::npos && text.find('\x7f') == std::string::npos &&
             text.find("\xc2\x9b") == std::string::npos;
    };
    const Workplace workplace;
    workplace.done({"secret", "create", "s", evil + "=-"}, evil + "\n\r");
    for (const Words& words :
         {Words{"secret", "get", "s", "--reveal"},
          Words{"secret", "get", "s", "--reveal", "--output", "json"}, Words{"secret", "get", evil},
          Words{"secret", "create", evil}, Words{"secret", "list", "--name", "in:" + evil},
          Words{"secret", "list", "--sort", evil}, Words{evil},
          Words{"secret", "get", "s", "--" + evil}, Words{"plugin", "inspect", evil},
          Words{"--output", "json", "plugin", "inspect", evil},
          Words{"--config", evil, "secret", "list"}}) {
      const Ended ended = workplace.kist(words);
      INFO(ended.err);
      CHECK(is_tame(ended.out + ended.err));
    }
    // JSON is exact all the same.
    const auto shown = workplace.done_json({"secret", "get", "s", "--reveal"});
    CHECK(text_of(shown.at("values").at(evil)) == evil + "\n\r");
  }

  TEST_CASE("AT-42: an error is one line, whatever its argument") {
    const Workplace workplace;
    workplace.done({"store", "info"});
    const Ended ended = workplace.kist({"secret", "get", "a\nkist: all is well\n"});
    CHECK(std::count(ended.err.begin(), ended.err.end(), '\n') == 1);
  }

  TEST_CASE("AT-48: names and filters with the signs of SQL mean themselves") {
    const Workplace workplace;
    const Words names = {
        "a'; DROP TABLE secrets; --", "100%", "a_b", "\"q\"", "back\\slash", "🗝"};
    for (const std::string& name : names) workplace.done({"secret", "create", name});
    for (const std::string& name : names) {
      CAPTURE(name);
      CHECK(text_of(workplace.done_json({"secret", "get", name}).at("name")) == name);
      CHECK(workplace.done_json({"secret", "list", "--name", "equals:" + name}).at("total") == 1);
      CHECK(workplace.done_json({"secret", "list", "--name", "contains:" + name}).at("total") == 1);
    }
    CHECK(workplace.done_json({"secret", "list", "--name", "contains:%"}).at("total") == 1);
    CHECK(workplace.done_json({"secret", "list", "--name", "contains:_"}).at("total") == 1);
    CHECK(workplace.done_json({"secret", "list"}).at("total") == names.size());
  }

  TEST_CASE("AT-38: a configuration that others may write to is refused") {
    const Workplace workplace;
    workplace.write("kist.json", R"({"secrets_store": {"type": "memory"}})", 0666);
    const Ended ended = workplace.kist({"secret", "list"});
    CHECK(ended.exit_code == 6);
    CHECK(ended.err.find("chmod go-w") != std::string::npos);
  }

  TEST_CASE("AT-21: variables that choose code are dropped, and LD_LIBRARY_PATH finds no plugin") {
    const Workplace workplace;
    std::filesystem::create_directory(workplace.path() / "empty");
    workplace.configure(R"({"secrets_store": {"type": "memory"}, "plugins": {"directories": [")" +
                        (workplace.path() / "empty").native() + "\"]}}");
    const Ended ended = workplace.run({.words = {"secret", "list"},
                                       .environment = {{"LD_LIBRARY_PATH", KIST_PLUGIN_DIRECTORY},
                                                       {"GCONV_PATH", KIST_PLUGIN_DIRECTORY}}});
    CHECK(ended.exit_code == 6);
    // A variable that was dropped cannot be referred to either.
    workplace.configure(R"({"secrets_store": {"type": "${env:GCONV_PATH}"}})");
    const Ended dropped =
        workplace.run({.words = {"secret", "list"}, .environment = {{"GCONV_PATH", "memory"}}});
    CHECK(dropped.exit_code == 2);
    CHECK(dropped.err.find("GCONV_PATH") != std::string::npos);
  }
}
