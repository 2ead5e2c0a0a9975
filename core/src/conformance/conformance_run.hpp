// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace kist::core {

/// One thing that the conformance kit looks at.
struct ConformanceCase {
  std::string group;  ///< "race".
  std::string rule;   ///< "ST-3": the one of docs/plugins/contract.md that it is of.
  std::string name;   ///< "ST-3: of N racing creators exactly one wins".
};

enum class Verdict : std::uint8_t {
  holds,
  does_not_apply,  ///< `reason` says why not.
  not_judged,      ///< It failed, as it must where a rule that it rests on does not hold: `reason`.
  quirk,           ///< It does not hold, and the test configuration has said so: `reason`.
  broken,          ///< `reason` says how it ended; `output` has the details.
};

std::string_view to_string(Verdict verdict);

struct CaseResult {
  ConformanceCase of;
  Verdict verdict = Verdict::holds;
  std::string reason;
  std::string output;  ///< What the case wrote, cut after kCaseOutputMax bytes.
  std::map<std::string, std::string> figures;  ///< "open" → "1.2 ms".
  std::chrono::milliseconds time{};
};

inline constexpr std::size_t kCaseOutputMax = std::size_t{64} << 10;
inline constexpr std::chrono::milliseconds kCaseTimeLimit = std::chrono::seconds(120);

struct ConformanceSettings {
  std::filesystem::path program;  ///< kist-conformance, which has the cases.
  std::filesystem::path plugin;
  std::filesystem::path configuration;  ///< Empty: none.
  std::uint32_t seed = 0;
  /// Rules, groups or parts of names; a case that fits one of them is run. Empty: all.
  std::vector<std::string> only;
  std::map<std::string, std::string> quirks;  ///< Rules, or names of cases, that need not
                                              ///< hold, and why.
  std::chrono::milliseconds time_limit = kCaseTimeLimit;  ///< Of one case.
  std::size_t jobs = 1;                                   ///< Cases at once.
  int interrupt = -1;  ///< Once this descriptor can be read from, the run is over: cancelled.
};

/// All cases of `program`, in its order. Errors: failed_precondition: it cannot be run.
std::vector<ConformanceCase> conformance_cases(const std::filesystem::path& program);

/// Those that `only` asks for. Errors: invalid_argument: a word of it fits none; with a suggestion.
std::vector<ConformanceCase> chosen_cases(const std::vector<ConformanceCase>& all,
                                          const std::vector<std::string>& only);

/// Opens and closes the store once, in a process of its own, so that what keeps it from opening is
/// said once and not by each case. Errors: that of the open; internal: the process that opened it
/// crashed, or did not end within the time limit; failed_precondition: nothing can be run with
/// these settings; cancelled.
void preflight(const ConformanceSettings& settings);

/// Runs each case in a process of its own, some at once, and gives what came of them in the order
/// of `cases`. `tell` is called on this thread for each that has ended.
/// Errors: failed_precondition: a case says that nothing can be run with these settings; cancelled.
std::vector<CaseResult> run_conformance(const ConformanceSettings& settings,
                                        const std::vector<ConformanceCase>& cases,
                                        const std::function<void(const CaseResult&)>& tell = {});

}  // namespace kist::core
