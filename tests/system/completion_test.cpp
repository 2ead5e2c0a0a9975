// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include "kist_process.hpp"

using namespace kist::testing;

namespace {

/// Runs a program of the system, through `kist run`, which is a way to start one.
struct Place : Workplace {
  Place() {
    done({"secret", "create", "s", "k=-"}, "x");
    write("kist.bash", done({"completion", "bash"}));
    write("_kist", done({"completion", "zsh"}));
    write("kist.fish", done({"completion", "fish"}));
    write("some.env", "");
  }

  Ended spawn(const Words& words) const {
    Words all = {"run", "--map", "K=s.k", "--"};
    all.insert(all.end(), words.begin(), words.end());
    return run({.words = all,
                .environment = {{"PATH", "/usr/bin:/bin"}, {"HOME", path()}, {"TERM", "dumb"}}});
  }

  /// What bash offers for a line, which is cut as bash cuts it, in order and with blanks between.
  std::string bash(const Words& line) const {
    std::string words;
    for (const std::string& word : line) words += " '" + word + "'";
    const Ended ended = spawn({"bash", "--norc", "-c",
                               "set -u; source ./kist.bash; COMP_WORDS=(kist" + words +
                                   "); COMP_CWORD=" + std::to_string(line.size()) +
                                   "; _kist; printf '%s\\n' \"${COMPREPLY[@]}\" | sort"});
    CAPTURE(ended.err);
    CHECK(ended.exit_code == 0);
    std::istringstream lines(ended.out);
    std::string offered, word;
    while (std::getline(lines, word)) offered += (offered.empty() ? "" : " ") + word;
    return offered;
  }
};

}  // namespace

TEST_SUITE("system/completion") {
  TEST_CASE("bash completes commands, options and the words that options take") {
    const Place place;
    CHECK(place.bash({"sec"}) == "secret");
    CHECK(place.bash({"ru"}) == "run");
    CHECK(place.bash({"secret", "e"}) == "export");
    CHECK(place.bash({"secret", ""}) == "create delete export get import list update");
    CHECK(place.bash({"help", "secret", "g"}) == "get");
    CHECK(place.bash({"--output", "json", "secret", "g"}) == "get");
    CHECK(place.bash({"secret", "get", "db", "--re"}) == "--reveal");
    CHECK(place.bash({"secret", "get", "--se"}) == "--server");
    CHECK(place.bash({"keys", "list", "--serv"}) == "");
    CHECK(place.bash({"secret", "list", "--output", ""}) == "json table");
    CHECK(place.bash({"secret", "list", "--output", "=", "j"}) == "json");
    CHECK(place.bash({"secret", "list", "--output", "="}) == "json table");
    CHECK(place.bash({"secret", "create", "s", "--scope", "u"}) == "user");
    CHECK(place.bash({"secret", "export", "--format", "y"}) == "yaml");
    CHECK(place.bash({"completion", ""}) == "bash fish zsh");
    CHECK(place.bash({"--ver"}) == "--version");
  }

  TEST_CASE("bash completes files where a file is meant, and commands behind --") {
    const Place place;
    CHECK(place.bash({"secret", "create", "s", "--from-env-file", "some"}) == "some.env");
    CHECK(place.bash({"secret", "import", "--format", "dotenv", "so"}) == "some.env");
    CHECK(place.bash({"secret", "get", "some"}) == "");
    CHECK(place.bash({"run", "--secret", "db", "--", "basenam"}) == "basename");
    CHECK(place.bash({"run", "--secret", "db", "--", "cat", "some"}) == "some.env");
  }

  TEST_CASE("every command and every option of the help is completed") {
    const Place place;
    std::istringstream lines(place.done({}));
    std::string line;
    while (std::getline(lines, line) && line != "Commands:") {
    }
    int count = 0;
    while (std::getline(lines, line) && !line.empty()) {
      std::istringstream words(line.substr(0, line.find("  ", 2)));
      Words command;
      for (std::string word; words >> word;) command.push_back(word);
      CAPTURE(line);
      CHECK(place.bash(command) == command.back());
      ++count;
    }
    CHECK(count > 20);
  }

  TEST_CASE("zsh and fish read their scripts, if they are at hand") {
    const Place place;
    const Ended zsh = place.spawn(
        {"sh", "-c",
         "command -v zsh > /dev/null || { echo absent; exit; }; zsh -fc 'autoload -Uz compinit && "
         "compinit -D -u && source ./_kist && print -r -- ${_comps[kist]}'"});
    CAPTURE(zsh.err);
    CHECK((zsh.out == "absent\n" || zsh.out == "_kist\n"));
    const Ended fish = place.spawn(
        {"sh", "-c",
         "command -v fish > /dev/null || { echo absent; exit; }; fish -N -c 'source ./kist.fish; "
         "complete -C \"kist secret ex\"; complete -C \"kist help keys rew\"; complete -C \"kist "
         "secret list --output j\"; complete -C "
         "\"kist run --secret x -- true some\"'"});
    CAPTURE(fish.err);
    if (fish.out != "absent\n") {
      CHECK(fish.out.find("export\t") != std::string::npos);
      CHECK(fish.out.find("rewrap\t") != std::string::npos);
      CHECK(fish.out.find("json") != std::string::npos);
      CHECK(fish.out.find("some.env") != std::string::npos);
    }
  }

  TEST_CASE("a shell that is not known is refused") {
    const Workplace place;
    const Ended ended = place.kist({"completion", "csh"});
    CHECK(ended.exit_code == 2);
    CHECK(ended.err ==
          "kist: invalid_argument: there is no completion for 'csh'; expected 'bash', 'zsh' or "
          "'fish'\n");
  }
}
