// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include <boost/json/object.hpp>

#include "cli/json_output.hpp"
#include "cli/standard_streams.hpp"

namespace kist::cli {
namespace {

constexpr std::chrono::milliseconds kBetweenDrawings{100};
constexpr std::chrono::seconds kBetweenLines{10};
constexpr std::size_t kBarColumns = 20, kUsualColumns = 80;

std::size_t columns_of_terminal() {
  struct winsize size {};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsualColumns;
  return size.ws_col;
}

std::string counters_text(const ProgressState& state, bool with_zeros) {
  std::string text;
  for (const Counter& counter : state.counters) {
    if (counter.count == 0 && !with_zeros) continue;
    text += (text.empty() ? "" : ", ") + std::string(counter.name) + " " +
            std::to_string(counter.count);
  }
  return text;
}

std::string two_digits(std::uint64_t number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

/// "1:02:03", "2:03".
std::string duration_text(std::uint64_t seconds) {
  const std::string end = two_digits(seconds % 60);
  const std::uint64_t minutes = seconds / 60;
  if (minutes < 60) return std::to_string(minutes) + ":" + end;
  return std::to_string(minutes / 60) + ":" + two_digits(minutes % 60) + ":" + end;
}

/// "  120/s  0:34 left", as the work so far went on average; nothing before there is one.
std::string speed_text(const ProgressState& state, std::chrono::milliseconds elapsed) {
  if (state.done == 0 || elapsed.count() <= 0) return {};
  const double per_second =
      static_cast<double>(state.done) * 1000 / static_cast<double>(elapsed.count());
  const auto to_do = static_cast<double>(state.total - std::min(state.done, state.total));
  return "  " + std::to_string(static_cast<std::uint64_t>(per_second + 0.5)) + "/s  " +
         duration_text(static_cast<std::uint64_t>(to_do / per_second)) + " left";
}

}  // namespace

std::string progress_bar(const ProgressState& state, std::chrono::milliseconds elapsed,
                         std::size_t columns) {
  const std::uint64_t done = std::min(state.done, state.total);
  const std::uint64_t percent = state.total == 0 ? 100 : done * 100 / state.total;
  const std::size_t filled = percent * kBarColumns / 100;
  const std::string digits = std::to_string(percent);
  std::string line = "[" + std::string(filled, '=') + std::string(kBarColumns - filled, ' ') +
                     "] " + std::string(3 - digits.size(), ' ') + digits + "%" +
                     speed_text(state, elapsed);
  const std::string counters = counters_text(state, false);
  if (!counters.empty()) line += "  " + counters;
  return line.substr(0, columns);
}

Progress::Progress(const Session& session)
    : session_(session),
      on_terminal_(::isatty(STDERR_FILENO) == 1),
      due_(on_terminal_ ? start_ : start_ + kBetweenLines) {}

Progress::~Progress() { erase(); }

void Progress::show(ProgressState state) {
  state_ = std::move(state);
  const auto now = Clock::now();
  if (now < due_) return;
  if (on_terminal_) {
    draw();
    due_ = now + kBetweenDrawings;
  } else {
    write_counters();
    due_ = now + kBetweenLines;
  }
}

void Progress::warn(std::string_view message) {
  erase();
  session_.warn(message);
}

void Progress::finish(ProgressState state) {
  state_ = std::move(state);
  erase();
  if (!on_terminal_ && told_ != state_.done) write_counters();
}

void Progress::draw() {
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start_);
  // A line as wide as the terminal would move the cursor to the next one.
  write_error_text("\r" + progress_bar(state_, elapsed, columns_of_terminal() - 1) + "\x1b[K");
  drawn_ = true;
}

void Progress::erase() {
  if (drawn_) write_error_text("\r\x1b[K");
  drawn_ = false;
}

void Progress::write_counters() {
  told_ = state_.done;
  if (session_.json()) {
    boost::json::object members{{"done", state_.done}, {"total", state_.total}};
    for (const Counter& counter : state_.counters) members[counter.name] = counter.count;
    write_error_text(json_line(boost::json::object{{"progress", std::move(members)}}));
    return;
  }
  write_notice(std::to_string(state_.done) + " of " + std::to_string(state_.total) + ": " +
               counters_text(state_, true));
}

}  // namespace kist::cli
