// SPDX-License-Identifier: Apache-2.0
#include "cli/audit_tail.hpp"

#include <poll.h>

#include <algorithm>
#include <charconv>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "api/routes.hpp"
#include "audit/audit_files.hpp"
#include "audit/audit_line.hpp"
#include "audit/read_range.hpp"
#include "cli/audit_place.hpp"
#include "cli/json_output.hpp"
#include "cli/standard_streams.hpp"
#include "cli/table.hpp"
#include "cli/times.hpp"
#include "config/private_file.hpp"
#include "secrets/time_text.hpp"
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

/// What stands in the log and is no line of one: "torn", "(not a line)".
boost::json::object foreign_line(std::string_view kind, std::size_t bytes) {
  return {{"kind", boost::json::string_view(kind.data(), kind.size())},
          {"bytes", static_cast<std::int64_t>(bytes)}};
}

boost::json::object parse(std::string_view text) {
  boost::json::error_code error;
  boost::json::value value = boost::json::parse(text, error);
  if (error || !value.is_object() || !core::parse_audit_line(text))
    return foreign_line("(not a line)", text.size());
  return std::move(value.as_object());
}

/// As a line of the log has it, so that the texts compare like the times.
std::optional<std::string> since_argument(const Arguments& arguments) {
  const auto text = arguments.one("since");
  if (!text) return std::nullopt;
  const auto written = core::parse_time(*text);
  if (!written)
    throw UsageError("--since is " + core::in_quotes(*text, 64) +
                     "; expected a time such as '2026-03-01 12:00:00' (UTC) or RFC 3339");
  return time_for_programs(written->time);
}

/// Which lines are shown.
class Choice {
 public:
  explicit Choice(const Arguments& arguments)
      : principal_(arguments.one("principal")),
        action_(arguments.one("action")),
        secret_(arguments.one("secret")),
        since_(since_argument(arguments)) {
    if (action_) check_action(*action_);
    if (!secret_) return;
    if (const auto id = Uuid::parse(*secret_)) secret_ids_.insert(id->to_string());
  }

  bool has_secret() const { return secret_.has_value(); }
  bool has_since() const { return since_.has_value(); }

  /// A record may name its secret by the id alone: which ids the name has had.
  void learn(const boost::json::object& line) {
    if (!secret_ || text_member(line, "secret_name") != *secret_) return;
    std::string id = text_member(line, "secret_id");
    if (!id.empty()) secret_ids_.insert(std::move(id));
  }

  bool is_late_enough(const boost::json::object& line) const {
    return !since_ || text_member(line, "time") >= *since_;
  }

  bool takes(const boost::json::object& line) const {
    if (!is_late_enough(line)) return false;
    if (!principal_ && !action_ && !secret_) return true;
    if (text_member(line, "kind") != "record") return false;
    if (principal_ && text_member(line, "principal") != *principal_) return false;
    if (action_ && text_member(line, "action") != *action_) return false;
    return !secret_ || text_member(line, "secret_name") == *secret_ ||
           secret_ids_.contains(text_member(line, "secret_id"));
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
    const std::string what = chosen.empty() ? "line" : "record of" + chosen;
    return "the log holds no " + what + (since_ ? " since " + *since_ : "");
  }

 private:
  static void check_action(const std::string& action) {
    const std::vector<std::string_view> known = api::audited_actions();
    if (std::ranges::find(known, action) == known.end())
      throw UsageError("--action is " + core::in_quotes(action, 64) + ", which no record has" +
                       core::allowed_words(action, known));
  }

  std::optional<std::string> principal_, action_, secret_, since_;
  std::set<std::string, std::less<>> secret_ids_;
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
std::vector<std::string> columns(std::string time, std::string result, std::string principal,
                                 std::string action, std::string secret, std::string peer,
                                 std::string request_id) {
  return {padded(std::move(time), 19),
          padded(std::move(result), 17),
          padded(std::move(principal), 12),
          padded(std::move(action), 13),
          padded(std::move(secret), 20),
          padded(std::move(peer), 21),
          std::move(request_id)};
}

std::vector<std::string> row_of(const boost::json::object& line) {
  const std::string kind = text_member(line, "kind");
  if (kind != "record") {
    std::string bytes = number_member(line, "bytes");
    if (!bytes.empty()) bytes += " bytes";
    return {padded(time_of(line), 19), kind, text_member(line, "reason") + bytes};
  }
  std::string principal = text_member(line, "principal"), secret = text_member(line, "secret_name");
  if (principal.empty()) principal = "-";
  if (secret.empty()) secret = text_member(line, "secret_id");
  if (secret.empty()) secret = "-";
  return columns(time_of(line), number_member(line, "status") + " " + text_member(line, "result"),
                 std::move(principal), text_member(line, "action"), std::move(secret),
                 text_member(line, "peer"), text_member(line, "request_id"));
}

class Output {
 public:
  explicit Output(const Session& session) : session_(session) {}

  void write(const std::vector<boost::json::object>& lines) {
    if (session_.json()) {
      for (const boost::json::object& line : lines) write_json(line);
      return;
    }
    if (lines.empty()) return;
    Table table;
    if (!std::exchange(has_headings_, true))
      table.row(columns("TIME", "RESULT", "PRINCIPAL", "ACTION", "SECRET", "PEER", "REQUEST"));
    for (const boost::json::object& line : lines) table.row(row_of(line));
    write_output(table.text());
  }

 private:
  const Session& session_;
  bool has_headings_ = false;
};

/// Calls `take` with the lines of a file, the last one first, while it returns true; gives what
/// lies behind the last line end.
std::size_t each_line_from_end(const core::AuditPart& part,
                               const std::function<bool(std::string_view)>& take) {
  std::string rest;
  std::size_t torn = 0;
  bool is_at_end = true;
  for (std::uint64_t from = part.bytes, until = part.bytes; until > 0; until = from) {
    from = until > kReadBytes ? until - kReadBytes : 0;
    const core::PrivateFile file{part.path, part.name(), 0};
    const std::string text = core::read_range(file, part.opened->get(), from, until) + rest;
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

/// Reads the whole log for the ids that the name of a secret has had.
void learn_ids(const std::vector<core::AuditPart>& parts, Choice& choice) {
  if (!choice.has_secret()) return;
  for (const core::AuditPart& part : parts)
    each_line_from_end(part, [&](std::string_view text) {
      choice.learn(parse(text));
      return true;
    });
}

/// The last lines that are chosen, across the files that were put away: back to a file without a
/// line that is late enough.
std::vector<boost::json::object> last_lines(const std::vector<core::AuditPart>& parts,
                                            std::size_t count, const Choice& choice,
                                            std::size_t& torn) {
  std::vector<boost::json::object> lines;
  bool is_late_enough = true;
  for (std::size_t i = parts.size(); i-- > 0 && lines.size() < count && is_late_enough;) {
    is_late_enough = !choice.has_since();
    const std::size_t behind = each_line_from_end(parts[i], [&](std::string_view text) {
      boost::json::object line = parse(text);
      is_late_enough = is_late_enough || choice.is_late_enough(line);
      if (choice.takes(line)) lines.push_back(std::move(line));
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
  std::vector<boost::json::object> read(Choice& choice) {
    std::vector<boost::json::object> lines;
    read_part(choice, lines);
    while (lines.size() < kTailLinesMax && go_to_next(choice, lines)) read_part(choice, lines);
    return lines;
  }

 private:
  void read_part(Choice& choice, std::vector<boost::json::object>& lines) {
    std::string_view text;
    while (lines.size() < kTailLinesMax) {
      const auto found = reader_->next(text);
      if (found == core::AuditLineReader::Found::too_long)
        throw Error(ErrorCode::corrupt,
                    part_->name() + " holds a line that is longer than any of an audit log");
      if (found != core::AuditLineReader::Found::line) return;
      if (first_ == 0) first_ = first_sequence_of(text);
      boost::json::object line = parse(text);
      choice.learn(line);
      if (choice.takes(line)) lines.push_back(std::move(line));
    }
  }

  /// False: this file is the newest.
  bool go_to_next(Choice& choice, std::vector<boost::json::object>& lines) {
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
  if (!text) return arguments.has("since") ? kTailLinesMax : kTailLines;
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
  Choice choice(arguments);
  const std::filesystem::path path = arguments.words.empty()
                                         ? audit_file_of(load_configuration(session))
                                         : std::filesystem::path(arguments.words[0]);
  const std::vector<core::AuditPart> parts = core::audit_files(path);
  Output output(session);
  learn_ids(parts, choice);
  std::size_t torn = 0;
  std::vector<boost::json::object> lines = last_lines(parts, count, choice, torn);
  const bool follows = arguments.has("follow");
  if (torn > 0 && count > 0 && !follows) {
    boost::json::object line = foreign_line("torn", torn);
    if (choice.takes(line)) lines.push_back(std::move(line));
  }
  output.write(lines);
  if (!follows) {
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
