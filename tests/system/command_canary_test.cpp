// SPDX-License-Identifier: Apache-2.0
// AT-34, AT-37: commands that take many values in hand leave none behind.
#include <string>

#include <doctest/doctest.h>

#include "canary_sweep.hpp"

using namespace kist::testing;

TEST_SUITE("system/command canary") {
  TEST_CASE("AT-34: values that are exported and imported are in the file alone") {
    SqliteSweep sweep;
    sweep.kist({"secret", "create", "s", "k=" + sweep.value, "l='" + sweep.value + "'\n"});
    for (const std::string format : {"dotenv", "json", "yaml"}) {
      CAPTURE(format);
      const Ended exported =
          sweep.run({.words = {"secret", "export", "--format", format}}, 0, {kShownValue});
      const std::string file = sweep.given("exported." + format);
      sweep.kist({"secret", "export", "--format", format, "--file", file});
      sweep.kist({"secret", "export", "--format", format, "--file", file}, 5);
      const Words import = {"secret", "import", "--format", format};
      Words repeated = import, dry = import, changing = import, piped = import;
      repeated.push_back(file);
      sweep.kist(repeated);
      dry.insert(dry.end(), {file, "--dry-run"});
      sweep.kist(dry);
      sweep.kist({"secret", "update", "s", "--remove", "l"});
      sweep.kist(repeated, 5);
      changing.insert(changing.end(), {file, "--update"});
      sweep.kist(changing);
      piped.push_back("-");
      sweep.run({.words = piped, .input = exported.out}, 0);
      sweep.run({.words = piped, .input = "{\"secrets\": [\"" + sweep.value + "\"]}"}, 2);
    }
  }

  TEST_CASE("AT-34, AT-37: values of a command that is run are in its environment alone") {
    SqliteSweep sweep;
    sweep.kist({"secret", "create", "s", "k=" + sweep.value, "l=" + sweep.value + "\n"});
    // With --mask the process is still kist when the command has ended.
    sweep.kist({"run", "--secret", "s", "--mask", "--", "sh", "-c", "echo $K; echo \"$L\" >&2"});
    sweep.kist({"run", "--map", "X=s.k", "--mask", "--", "no-such-command"}, 127);
    sweep.kist({"run", "--map", "X=s.k", "--", "no-such-command"}, 127);
    sweep.kist({"run", "--map", "X=s.none", "--", "true"}, 4);
    const Ended seen = sweep.run(
        {.words = {"run", "--secret", "s", "--mask", "--", "sh", "-c",
                   "tr '\\0' ' ' < /proc/$PPID/cmdline; tr '\\0' ' ' < /proc/$PPID/environ"}},
        0);
    CHECK(seen.out.find("(masked)") == std::string::npos);
  }

  TEST_CASE("AT-37: a token that a command has no use for is left nowhere") {
    SqliteSweep sweep;
    const std::string token = sweep.canary("token", 40);
    sweep.run({.words = {"secret", "list"}, .environment = {{"KIST_TOKEN", token}}}, 0);
    sweep.run({.words = {"status"}, .environment = {{"KIST_TOKEN", token}}}, 0);
    sweep.run({.words = {"config", "show"}, .environment = {{"KIST_TOKEN", token}}}, 0);
  }
}
