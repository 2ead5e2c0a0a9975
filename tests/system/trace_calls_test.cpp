// SPDX-License-Identifier: Apache-2.0
#include <sstream>
#include <string>
#include <vector>

#include <boost/json/object.hpp>
#include <doctest/doctest.h>

#include "kist_process.hpp"

using namespace kist::testing;

namespace {

constexpr const char* kTraced = R"("type": "sqlite", "path": "secrets.db", "trace_calls": true)";

/// The words of `line`, an id, a time and a size each by its name.
std::string without_what_differs(const std::string& line) {
  constexpr std::size_t kIdSize = 36;
  std::istringstream words(line);
  std::string out, word, last;
  while (words >> word) {
    if (word.starts_with("ms") || word.starts_with("bytes"))
      out.replace(out.size() - last.size(), last.size(), "N");
    last = word.size() == kIdSize + 1 ? "ID:" : word;
    out += (out.empty() ? "" : " ") + last;
  }
  return out;
}

/// What a command told of its calls.
std::vector<std::string> calls(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);)
    if (line.starts_with("kist: sqlite: ")) lines.push_back(without_what_differs(line.substr(14)));
  return lines;
}

std::vector<std::string> calls_of(const Workplace& workplace, const Words& words,
                                  std::string_view input = {}) {
  const Ended ended = workplace.kist(words, input);
  CAPTURE(ended.err);
  return calls(ended.err);
}

}  // namespace

TEST_SUITE("system/trace_calls") {
  TEST_CASE("each call into a store that is traced is told, with its outcome, time and sizes") {
    const Workplace workplace(kTraced);
    using Lines = std::vector<std::string>;
    CHECK(calls_of(workplace, {"secret", "create", "db", "a=-"}, "x") ==
          Lines{"open: ok in N ms",
                "create_secret ID: ok in N ms, took 1 value of N bytes, gave 1 value of N bytes",
                "close: ok in N ms"});
    CHECK(calls_of(workplace, {"secret", "create", "db", "a=-"}, "x") ==
          Lines{"open: ok in N ms",
                "create_secret ID: already_exists in N ms, took 1 value of N bytes",
                "close: ok in N ms"});
    CHECK(calls_of(workplace, {"secret", "list"}) ==
          Lines{"open: ok in N ms", "list_secrets: ok in N ms, sent 1 row", "close: ok in N ms"});
  }

  TEST_CASE("no call is told of a store that is not traced, and none tells a name or a value") {
    const Workplace workplace(kTraced);
    const Ended ended =
        workplace.kist({"secret", "create", "name-canary", "key-canary=-"}, "value-canary");
    CHECK(ended.exit_code == 0);
    CHECK(calls(ended.err).size() == 3);
    CHECK(ended.err.find("canary") == std::string::npos);
    const Workplace silent;
    CHECK(calls_of(silent, {"secret", "create", "db", "a=-"}, "x").empty());
    const Workplace off(R"("type": "sqlite", "path": "secrets.db", "trace_calls": false)");
    CHECK(calls_of(off, {"secret", "create", "db", "a=-"}, "x").empty());
  }

  TEST_CASE("trace_calls is an option of every store, from wherever options come") {
    const Workplace workplace;
    const Words list = {"secret", "list"};
    CHECK(calls(workplace
                    .run({.words = list, .environment = {{"KIST_SECRETS_STORE_TRACE_CALLS", "on"}}})
                    .err)
              .size() == 3);
    CHECK(calls_of(workplace, {"--store-option", "trace_calls=true", "secret", "list"}).size() ==
          3);
    const std::string
        on = R"({"path":"secrets_store.trace_calls","value":"true","from":"command line"})",
        off = R"({"path":"secrets_store.trace_calls","value":"false","from":"default"})";
    CHECK(
        workplace.done({"--store-option", "trace_calls=yes", "config", "show", "--output", "json"})
            .find(on) != std::string::npos);
    CHECK(workplace.done({"config", "show", "--output", "json"}).find(off) != std::string::npos);
    const Ended wrong = workplace.kist({"--store-option", "trace_calls=2", "secret", "list"});
    CHECK(wrong.exit_code == 2);
    CHECK(wrong.err ==
          "kist: invalid_argument: command line: the option 'trace_calls' of store type 'sqlite' "
          "must "
          "be one of true, 1, yes, on, or of false, 0, no, off, found '2'\n");
    const Ended misspelt = workplace.kist({"--store-option", "trace_call=1", "secret", "list"});
    CHECK(misspelt.err.find("did you mean 'trace_calls'?") != std::string::npos);
  }
}
