// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include "canary.hpp"
#include "kist_process.hpp"
#include "memory_search.hpp"
#include "observed_process.hpp"

namespace kist::testing {

/// Runs `kist` at its most talkative where canaries are its secrets, and looks for them wherever
/// something can be left: in what it printed, in the files of the directories that it may write to,
/// and in its memory at its end.
class Sweep {
 public:
  Sweep();

  /// A new secret to look for.
  std::string canary(const std::string& kind, std::size_t size = kCanaryBytes);
  void look_for(const Canary& canary) { search_.add(canary); }
  const CanarySearch& search() const { return search_; }

  /// A file for `kist` to read, in a directory that is not searched.
  std::filesystem::path give(std::string_view name, std::string_view content, mode_t mode = 0600);
  std::filesystem::path given(std::string_view name) const;
  /// Its working directory, with the store in it.
  std::filesystem::path work() const { return place_.path() / "work"; }
  /// kist.json, but for the directories of plugins.
  void configure(const std::string& sections);
  /// Whether each line names kist.json, if it names no other.
  bool names_configuration = true;
  /// Variables that each run gets.
  std::map<std::string, std::string> environment;

  /// Where kist must have left canaries in a run, and nowhere else.
  using Expected = std::set<Finding>;
  enum class Memory : bool { passed_over, searched };
  /// Runs it with `start`, whose descriptors are files; gives what it printed.
  Ended run(const Start& start, int exit_code, const Expected& expected = {},
            Memory memory = Memory::searched);
  Ended kist(const Words& words, int exit_code = 0, const Expected& expected = {}) {
    return run(Start{.words = words}, exit_code, expected);
  }

  /// The line and the environment that a run of these words has.
  Words line(const Words& words) const;
  std::map<std::string, std::string> variables(const Start& start) const;

 private:
  Workplace place_;
  CanarySearch search_;
};

/// Over a SQLite store in the working directory, sealed under a KEK that is a canary.
struct SqliteSweep : Sweep {
  SqliteSweep();
  /// The section of kist.json.
  std::string store() const;
  std::filesystem::path database() const { return work() / "secrets.db"; }

  const std::string kek = canary("KEK", 32), value = canary("value");
};

/// Of a run that was asked to show it.
inline const Finding kShownValue{"value", "standard output"};

/// Fails the test unless what was found is what was expected.
void check_findings(const Findings& found, const Sweep::Expected& expected);

}  // namespace kist::testing
