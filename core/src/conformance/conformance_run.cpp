// SPDX-License-Identifier: Apache-2.0
#include "conformance/conformance_run.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <kist/error.hpp>

#include "conformance/case_protocol.hpp"
#include "conformance/rules.hpp"
#include "process/program_run.hpp"
#include "text/printable.hpp"
#include "text/suggestion.hpp"

namespace kist::core {
namespace {

using Clock = std::chrono::steady_clock;

Error cannot_start(const std::filesystem::path& program, std::string_view why) {
  return {ErrorCode::failed_precondition,
          in_quotes(program.native(), 4096) + ", which has the cases, " + std::string(why)};
}

Error interrupted() { return {ErrorCode::cancelled, "the run of the cases was interrupted"}; }

/// For poll().
int milliseconds_until(Clock::time_point time) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(time - Clock::now()).count();
  return static_cast<int>(std::clamp<decltype(left)>(left, 0, INT_MAX));
}

/// In which the cases make theirs: what one leaves that crashes, is gone at the end of the run.
class RunDirectory {
 public:
  RunDirectory() {
    std::error_code error;
    std::string name = (std::filesystem::temp_directory_path(error) / "kist_tests_XXXXXX").native();
    if (error || ::mkdtemp(name.data()) == nullptr)
      throw Error(ErrorCode::failed_precondition,
                  "cannot make a directory such as " + in_quotes(name, 4096) +
                      " for the tests; expected TMPDIR to name one that may be written to");
    path_ = name;
  }
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;
  ~RunDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::vector<std::string> environment() const { return {"TMPDIR=" + path_.native()}; }

 private:
  std::filesystem::path path_;
};

/// A case that is running: its output, and how long it may take.
class CaseProcess {
 public:
  CaseProcess(const std::vector<std::string>& arguments, Clock::time_point deadline,
              const std::vector<std::string>& environment = {})
      : deadline_(deadline) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
      throw Error(ErrorCode::resource_exhausted, "there is no descriptor left for a pipe");
    output_ = FileDescriptor(ends[0]);
    const FileDescriptor input(ends[1]);
    ::fcntl(output_.get(), F_SETFL, O_NONBLOCK);
    program_ = std::make_unique<ProgramRun>(ProgramSettings{.arguments = arguments,
                                                            .output = input.get(),
                                                            .error = input.get(),
                                                            .environment = environment});
  }

  int ended() const { return program_->ended(); }
  /// Negative: it has ended.
  int output() const { return at_end_ ? -1 : output_.get(); }
  Clock::time_point start() const { return start_; }
  Clock::time_point deadline() const { return deadline_; }

  /// Waits for its end, and says how it was; nothing: its time was up first. Errors: cancelled:
  /// `interrupt` can be read from.
  std::optional<int> wait(int interrupt) {
    for (;;) {
      pollfd waited[] = {{output(), POLLIN, 0}, {ended(), POLLIN, 0}, {interrupt, POLLIN, 0}};
      ::poll(waited, std::size(waited), milliseconds_until(deadline_));
      if (waited[2].revents != 0) throw interrupted();
      read();
      if (waited[1].revents != 0) return status();
      if (Clock::now() >= deadline_) return std::nullopt;
    }
  }
  /// Takes what is there.
  void read() {
    char buffer[4096];
    ssize_t count = 0;
    while ((count = ::read(output_.get(), buffer, sizeof buffer)) > 0) {
      const std::size_t room = kCaseOutputMax - text_.size();
      text_.append(buffer, std::min(room, static_cast<std::size_t>(count)));
    }
    at_end_ = count == 0;
  }
  int status() {
    const int status = program_->status();
    read();
    return status;
  }
  std::string take_text() { return std::move(text_); }

 private:
  const Clock::time_point start_ = Clock::now();
  const Clock::time_point deadline_;
  FileDescriptor output_;
  std::unique_ptr<ProgramRun> program_;
  std::string text_;
  bool at_end_ = false;
};

/// The lines of `text` that begin with `mark`, without it; the others stay in `text`.
std::vector<std::string> take_marked(std::string& text, std::string_view mark) {
  std::vector<std::string> found;
  std::string rest;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    const std::string_view line = std::string_view(text).substr(at, end - at);
    if (line.starts_with(mark))
      found.emplace_back(line.substr(mark.size(), line.find('\n') - mark.size()));
    else
      rest += line;
    at = end;
  }
  text = std::move(rest);
  return found;
}

/// How a process ended that should have ended with 0.
std::string describe_end(int status) {
  if (WIFSIGNALED(status)) {
    const char* const name = ::sigabbrev_np(WTERMSIG(status));
    return "the process was ended by SIG" + std::string(name == nullptr ? "?" : name);
  }
  if (WEXITSTATUS(status) == 1) return "what is expected did not come about";
  return "the process ended with " + std::to_string(WEXITSTATUS(status));
}

std::string not_in_time(std::chrono::milliseconds limit) {
  return "it has not ended within " + std::to_string(limit.count()) + " ms";
}

/// `output`: what a process wrote that ended with kCannotRun.
Error no_case_can_run(std::string output) {
  while (output.ends_with('\n')) output.pop_back();
  return {ErrorCode::failed_precondition, "no case can be run: " + printable(output, 4096)};
}

/// `line`: what follows kOpenErrorMark.
Error open_error(const ConformanceSettings& settings, std::string_view line) {
  const std::size_t tab = std::min(line.find('\t'), line.size());
  kist_status number = KIST_INTERNAL;
  std::from_chars(line.data(), line.data() + tab, number);
  line.remove_prefix(std::min(tab + 1, line.size()));
  return {error_code_from(number),
          "no case can be run: the store cannot be opened" +
              (settings.configuration.empty()
                   ? std::string(" without a test configuration")
                   : " as " + in_quotes(settings.configuration.native(), 4096) + " says") +
              ": " + printable(line, 4096)};
}

/// What every process of the cases is started with.
std::vector<std::string> common_arguments(const ConformanceSettings& settings) {
  std::vector<std::string> arguments = {settings.program.native(),
                                        "--plugin=" + settings.plugin.native(),
                                        "--seed=" + std::to_string(settings.seed)};
  if (!settings.configuration.empty())
    arguments.push_back("--config=" + settings.configuration.native());
  return arguments;
}

/// doctest takes a ',' for the end of a name.
std::string as_filter(std::string_view name) {
  std::string filter;
  for (const char c : name) {
    if (c == ',') filter += '\\';
    filter += c;
  }
  return filter;
}

class Runner {
 public:
  Runner(const ConformanceSettings& settings, const std::vector<ConformanceCase>& cases,
         const std::function<void(const CaseResult&)>& tell)
      : settings_(settings), cases_(cases), tell_(tell), results_(cases.size()) {}

  std::vector<CaseResult> run() {
    std::size_t next = 0;
    while (next < cases_.size() || !running_.empty()) {
      while (next < cases_.size() && running_.size() < std::max<std::size_t>(settings_.jobs, 1))
        start(next++);
      wait();
    }
    return std::move(results_);
  }

 private:
  using Running = std::pair<std::size_t, std::unique_ptr<CaseProcess>>;

  void start(std::size_t number) {
    const ConformanceCase& wanted = cases_[number];
    results_[number].of = wanted;
    std::vector<std::string> arguments = common_arguments(settings_);
    arguments.insert(
        arguments.end(),
        {"--no-colors=true", "--no-intro=true", "--no-version=true", "--no-path-filenames=true",
         "--test-suite=" + as_filter(wanted.group), "--test-case=" + as_filter(wanted.name)});
    try {
      running_.emplace_back(
          number, std::make_unique<CaseProcess>(arguments, Clock::now() + settings_.time_limit,
                                                directory_.environment()));
    } catch (const Error& error) {
      throw cannot_start(settings_.program, error.message());
    }
  }

  void wait() {
    std::vector<pollfd> waited;
    Clock::time_point first = Clock::time_point::max();
    for (const auto& [number, process] : running_) {
      waited.push_back({process->output(), POLLIN, 0});
      waited.push_back({process->ended(), POLLIN, 0});
      first = std::min(first, process->deadline());
    }
    waited.push_back({settings_.interrupt, POLLIN, 0});
    ::poll(waited.data(), waited.size(), milliseconds_until(first));
    if (waited.back().revents != 0) throw interrupted();
    const Clock::time_point now = Clock::now();
    for (std::size_t i = 0; i < running_.size(); ++i) {
      auto& [number, process] = running_[i];
      process->read();
      const bool ended = (waited[2 * i + 1].revents & POLLIN) != 0;
      if (!ended && now < process->deadline()) continue;
      finish(number, *process, ended);
      process.reset();
    }
    std::erase_if(running_, [](const Running& running) { return running.second == nullptr; });
  }

  void finish(std::size_t number, CaseProcess& process, bool ended) {
    CaseResult& result = results_[number];
    const int status = ended ? process.status() : 0;
    result.time =
        std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - process.start());
    result.output = process.take_text();
    for (const std::string& line : take_marked(result.output, kFigureMark)) {
      const std::size_t tab = std::min(line.find('\t'), line.size());
      result.figures[line.substr(0, tab)] = line.substr(std::min(tab + 1, line.size()));
    }
    const std::vector<std::string> reasons = take_marked(result.output, kReasonMark);
    if (!ended) {
      break_rule(result, not_in_time(settings_.time_limit));
    } else if (WIFEXITED(status) && WEXITSTATUS(status) == kCannotRun) {
      throw no_case_can_run(std::move(result.output));
    } else if (WIFEXITED(status) && WEXITSTATUS(status) == kDoesNotApply) {
      result.verdict = Verdict::does_not_apply;
      if (!reasons.empty()) result.reason = reasons.front();
    } else if (status != 0) {
      break_rule(result, describe_end(status));
    }
    if (tell_) tell_(result);
  }

  void break_rule(CaseResult& result, std::string how) const {
    auto quirk = settings_.quirks.find(result.of.name);
    if (quirk == settings_.quirks.end()) quirk = settings_.quirks.find(result.of.rule);
    result.verdict = quirk == settings_.quirks.end() ? Verdict::broken : Verdict::quirk;
    result.reason = quirk == settings_.quirks.end() ? std::move(how) : quirk->second;
  }

  const RunDirectory directory_;
  const ConformanceSettings& settings_;
  const std::vector<ConformanceCase>& cases_;
  const std::function<void(const CaseResult&)>& tell_;
  std::vector<CaseResult> results_;
  std::vector<Running> running_;
};

bool fits(const ConformanceCase& candidate, std::string_view word) {
  if (is_rule(word)) return candidate.rule == word;  // "ST-2" does not mean ST-21.
  return candidate.group == word || candidate.name.find(word) != std::string::npos;
}

Error fits_none(const std::vector<ConformanceCase>& all, const std::string& word) {
  std::vector<std::string_view> words;
  const auto add = [&](std::string_view candidate) {
    if (std::ranges::find(words, candidate) == words.end()) words.push_back(candidate);
  };
  for (const ConformanceCase& candidate : all) add(candidate.group);
  const std::vector<std::string_view> groups = words;
  for (const ConformanceCase& candidate : all) add(candidate.rule);
  const auto guess = nearest(word, words);
  return {ErrorCode::invalid_argument,
          "no case is of the rule or the group " + in_quotes(word) + ", or has it in its name" +
              (guess ? "; did you mean " + in_quotes(*guess) + "?" : "") +
              " The groups: " + joined(groups)};
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds:
      return "holds";
    case Verdict::does_not_apply:
      return "does not apply";
    case Verdict::not_judged:
      return "not judged";
    case Verdict::quirk:
      return "quirk";
    case Verdict::broken:
      break;
  }
  return "broken";
}

std::vector<ConformanceCase> conformance_cases(const std::filesystem::path& program) {
  CaseProcess list({program.native(), "--reporters=cases", "--list-test-cases"},
                   Clock::now() + kCaseTimeLimit);
  std::vector<ConformanceCase> cases;
  if (list.wait(-1) != 0) throw cannot_start(program, "cannot list them");
  const std::string text = list.take_text();
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    const std::size_t tab = line.find('\t');
    if (tab == std::string::npos) continue;
    const std::string name = line.substr(tab + 1);
    cases.push_back({line.substr(0, tab), name.substr(0, name.find(':')), name});
  }
  return cases;
}

std::vector<ConformanceCase> chosen_cases(const std::vector<ConformanceCase>& all,
                                          const std::vector<std::string>& only) {
  for (const std::string& word : only) {
    if (word.empty() || std::ranges::none_of(all, [&](const auto& one) { return fits(one, word); }))
      throw fits_none(all, word);
  }
  std::vector<ConformanceCase> chosen;
  for (const ConformanceCase& candidate : all) {
    if (only.empty() ||
        std::ranges::any_of(only, [&](const std::string& word) { return fits(candidate, word); }))
      chosen.push_back(candidate);
  }
  return chosen;
}

void preflight(const ConformanceSettings& settings) {
  std::vector<std::string> arguments = common_arguments(settings);
  arguments.emplace_back(kPreflightOption);
  const RunDirectory directory;
  CaseProcess opening(arguments, Clock::now() + settings.time_limit, directory.environment());
  const std::optional<int> status = opening.wait(settings.interrupt);
  std::string output = opening.take_text();
  const std::vector<std::string> errors = take_marked(output, kOpenErrorMark);
  if (!errors.empty()) throw open_error(settings, errors.front());
  if (status && WIFEXITED(*status) && WEXITSTATUS(*status) == kCannotRun)
    throw no_case_can_run(std::move(output));
  if (status != 0) {
    const std::string how = status ? describe_end(*status) : not_in_time(settings.time_limit);
    throw open_error(settings, "\t" + how);
  }
}

std::vector<CaseResult> run_conformance(const ConformanceSettings& settings,
                                        const std::vector<ConformanceCase>& cases,
                                        const std::function<void(const CaseResult&)>& tell) {
  return Runner(settings, cases, tell).run();
}

}  // namespace kist::core
