// SPDX-License-Identifier: Apache-2.0
#include "cli/audit_tail.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "api/routes.hpp"
#include "audit/audit_files.hpp"
#include "audit/audit_line.hpp"
#include "cli/audit_place.hpp"
#include "cli/json_output.hpp"
#include "cli/standard_streams.hpp"
#include "cli/table.hpp"
#include "config/private_file.hpp"
#include "text/printable.hpp"
#include "text/suggestion.hpp"

namespace kist::cli {
namespace {

constexpr int kBetweenLooksMs = 200;
constexpr std::size_t kReadBytes = 256 * 1024;

std::string text_member(const boost::json::object& line, std::string_view name) {
  const boost::json::value* const found = line.if_contains(name);
  if (found == nullptr || !found->is_string()) return {};
  return std::string(found->as_string());
}

std::string number_member(const boost::json::object& line, std::string_view name) {
  const boost::json::value* const found = line.if_contains(name);
  if (found == nullptr || !found->is_int64()) return {};
  return std::to_string(found->as_int64());
}

/// Nothing: it is no line of an audit log.
std::optional<boost::json::object> parse(std::string_view text) {
  boost::json::error_code error;
  boost::json::value value = boost::json::parse(text, error);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.as_object());
}

/// Which lines are shown.
class Choice {
 public:
  explicit Choice(const Arguments& arguments)
      : principal_(arguments.one("principal")),
        action_(arguments.one("action")),
        secret_(arguments.one("secret")) {
    if (action_) check_action(*action_);
    if (!secret_) return;
    if (const auto id = Uuid::parse(*secret_)) secret_id_ = id->to_string();
  }

  bool takes(const boost::json::object& line) const {
    if (!principal_ && !action_ && !secret_) return true;
    if (text_member(line, "kind") != "record") return false;
    if (principal_ && text_member(line, "principal") != *principal_) return false;
    if (action_ && text_member(line, "action") != *action_) return false;
    return !secret_ || text_member(line, "secret_name") == *secret_ ||
           (secret_id_ && text_member(line, "secret_id") == *secret_id_);
  }

  /// What is said where no line is taken: a name may be misspelt, and nobody knows them all.
  std::string nothing_found() const {
    std::string chosen;
    const auto add = [&](const char* name, const std::optional<std::string>& wanted) {
      if (wanted) chosen += (chosen.empty() ? " " : " and ") + (name + core::in_quotes(*wanted));
    };
    add("principal ", principal_);
    add("action ", action_);
    add("secret ", secret_);
    return chosen.empty() ? "the log holds no line" : "the log holds no record of" + chosen;
  }

 private:
  static void check_action(const std::string& action) {
    const std::vector<std::string_view> known = api::audited_actions();
    if (std::ranges::find(known, action) == known.end())
      throw UsageError("--action is " + core::in_quotes(action, 64) + ", which no record has" +
                       core::allowed_words(action, known));
  }

  std::optional<std::string> principal_, action_, secret_, secret_id_;
};

std::string padded(std::string text, std::size_t columns) {
  const std::size_t width = display_width(text);
  return width < columns ? text + std::string(columns - width, ' ') : text;
}

/// "2026-03-01T12:00:00.000000Z" as people read it: "2026-03-01 12:00:00".
std::string time_of(const boost::json::object& line) {
  std::string time = text_member(line, "time").substr(0, 19);
  if (time.size() > 10) time[10] = ' ';
  return time;
}

/// What comes later is to stand under what came before, and is not known yet: usual widths.
std::vector<std::string> row_of(const boost::json::object& line) {
  const std::string kind = text_member(line, "kind");
  if (kind != "record")
    return {time_of(line), kind, text_member(line, "reason") + number_member(line, "bytes")};
  std::string principal = text_member(line, "principal"), secret = text_member(line, "secret_name");
  if (principal.empty()) principal = "-";
  if (secret.empty()) secret = text_member(line, "secret_id");
  if (secret.empty()) secret = "-";
  return {time_of(line),
          padded(number_member(line, "status") + " " + text_member(line, "result"), 17),
          padded(std::move(principal), 12),
          padded(text_member(line, "action"), 13),
          padded(std::move(secret), 20),
          padded(text_member(line, "peer"), 21),
          text_member(line, "request_id")};
}

class Output {
 public:
  explicit Output(const Session& session) : session_(session) {}

  void write(const std::vector<boost::json::object>& lines) const {
    if (session_.json()) {
      for (const boost::json::object& line : lines) write_json(line);
      return;
    }
    Table table;
    for (const boost::json::object& line : lines) table.row(row_of(line));
    if (!lines.empty()) write_output(table.text());
  }

 private:
  const Session& session_;
};

std::string read_range(const core::AuditPart& part, std::uint64_t from, std::uint64_t until) {
  std::string text(static_cast<std::size_t>(until - from), '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    const ::ssize_t count = ::pread(part.opened->get(), text.data() + done, text.size() - done,
                                    static_cast<::off_t>(from + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw core::PrivateFile{part.path, part.name(), 0}.failure("read", errno);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  text.resize(done);
  return text;
}

/// Calls `take` with the lines of a file, the last one first, while it returns true; gives what
/// lies behind the last line end.
std::size_t each_line_from_end(const core::AuditPart& part,
                               const std::function<bool(std::string_view)>& take) {
  std::string rest;
  std::size_t torn = 0;
  bool is_at_end = true;
  for (std::uint64_t from = part.bytes, until = part.bytes; until > 0; until = from) {
    from = until > kReadBytes ? until - kReadBytes : 0;
    const std::string text = read_range(part, from, until) + rest;
    std::string_view left = text;
    for (std::size_t line_end = left.rfind('\n'); line_end != std::string_view::npos;
         line_end = left.rfind('\n')) {
      if (is_at_end)
        torn = left.size() - line_end - 1;
      else if (!take(left.substr(line_end + 1)))
        return torn;
      is_at_end = false;
      left = left.substr(0, line_end);
    }
    rest = left.substr(0, core::kAuditLineBytesMax);  // What is longer is no line.
  }
  if (is_at_end) return rest.size();
  take(rest);
  return torn;
}

/// The last lines that are chosen, across the files that were put away.
std::vector<boost::json::object> last_lines(const std::vector<core::AuditPart>& parts,
                                            std::size_t count, const Choice& choice,
                                            std::size_t& torn) {
  std::vector<boost::json::object> lines;
  for (std::size_t i = parts.size(); i-- > 0 && lines.size() < count;) {
    const std::size_t behind = each_line_from_end(parts[i], [&](std::string_view text) {
      auto line = parse(text);
      if (line && choice.takes(*line)) lines.push_back(std::move(*line));
      return lines.size() < count;
    });
    if (i + 1 == parts.size()) torn = behind;
  }
  std::ranges::reverse(lines);
  return lines;
}

/// What comes behind the end of a log, from file to file.
class Follower {
 public:
  Follower(std::filesystem::path path, core::AuditPart part, std::uint64_t offset)
      : path_(std::move(path)),
        part_(std::make_unique<core::AuditPart>(std::move(part))),
        reader_(std::make_unique<core::AuditLineReader>(*part_, offset)),
        first_(part_->first_sequence.value_or(0)) {}

  /// What there is now.
  std::vector<boost::json::object> read(const Choice& choice) {
    std::vector<boost::json::object> lines;
    read_part(choice, lines);
    while (lines.size() < kTailLinesMax && go_to_next(choice, lines)) read_part(choice, lines);
    return lines;
  }

 private:
  void read_part(const Choice& choice, std::vector<boost::json::object>& lines) {
    std::string_view text;
    while (lines.size() < kTailLinesMax) {
      const auto found = reader_->next(text);
      if (found == core::AuditLineReader::Found::too_long)
        throw Error(ErrorCode::corrupt,
                    part_->name() + " holds a line that is longer than any of an audit log");
      if (found != core::AuditLineReader::Found::line) return;
      if (first_ == 0) first_ = first_sequence_of(text);
      auto line = parse(text);
      if (line && choice.takes(*line)) lines.push_back(std::move(*line));
    }
  }

  /// False: this file is the newest.
  bool go_to_next(const Choice& choice, std::vector<boost::json::object>& lines) {
    std::vector<core::AuditPart> parts;
    try {
      parts = core::audit_files(path_);
    } catch (const Error& error) {
      if (error.code == ErrorCode::not_found) return false;  // Between two files.
      throw;
    }
    if (is_this(parts.back())) return false;
    read_part(choice, lines);  // What was written before it was put away.
    const auto next = std::ranges::find_if(parts, [&](const core::AuditPart& part) {
      return !is_this(part) && part.first_sequence && *part.first_sequence > first_;
    });
    if (next == parts.end()) return false;
    part_ = std::make_unique<core::AuditPart>(std::move(*next));
    reader_ = std::make_unique<core::AuditLineReader>(*part_);
    first_ = *part_->first_sequence;
    return true;
  }

  static std::uint64_t first_sequence_of(std::string_view text) {
    const auto parsed = core::parse_audit_line(text);
    return parsed ? parsed->sequence : 0;
  }

  bool is_this(const core::AuditPart& part) const {
    return part.inode == part_->inode && part.device == part_->device;
  }

  std::filesystem::path path_;
  std::unique_ptr<core::AuditPart> part_;  // Where it is, for the reader's sake.
  std::unique_ptr<core::AuditLineReader> reader_;
  std::uint64_t first_ = 0;  // Of the file's sequences; 0: it had no line yet.
};

std::size_t lines_argument(const Arguments& arguments) {
  const auto text = arguments.one("lines");
  if (!text) return kTailLines;
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), count);
  if (error != std::errc{} || end != text->data() + text->size() || count > kTailLinesMax)
    throw UsageError("--lines is " + core::in_quotes(*text, 64) + "; expected 0 to " +
                     std::to_string(kTailLinesMax));
  return count;
}

/// False: a signal has come.
bool wait_for_more(const Session& session) {
  struct pollfd signal {
    session.interrupts.fd(), POLLIN, 0
  };
  return ::poll(&signal, 1, kBetweenLooksMs) <= 0;
}

}  // namespace

int tail_audit_log(Session& session, const Arguments& arguments) {
  const std::size_t count = lines_argument(arguments);
  const Choice choice(arguments);
  const std::filesystem::path path = arguments.words.empty()
                                         ? audit_file_of(load_configuration(session))
                                         : std::filesystem::path(arguments.words[0]);
  const std::vector<core::AuditPart> parts = core::audit_files(path);
  const Output output(session);
  std::size_t torn = 0;
  const std::vector<boost::json::object> lines = last_lines(parts, count, choice, torn);
  output.write(lines);
  if (!arguments.has("follow")) {
    if (lines.empty() && count > 0) session.notice(choice.nothing_found());
    return 0;
  }
  const core::AuditPart& newest = parts.back();
  Follower follower(path, newest, newest.bytes - std::min<std::uint64_t>(torn, newest.bytes));
  do {
    output.write(follower.read(choice));
  } while (wait_for_more(session));
  return 0;
}

}  // namespace kist::cli
