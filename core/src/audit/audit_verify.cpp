// SPDX-License-Identifier: Apache-2.0
#include "audit/audit_verify.hpp"

#include <algorithm>
#include <charconv>

#include <kist/error.hpp>

#include "text/printable.hpp"

namespace kist::core {
namespace {

/// How far behind a gap its line is looked for, to tell a line that was moved from one that was
/// removed.
constexpr int kLookAheadLines = 1000;
constexpr std::uint64_t kAdvanceBytes = 1024 * 1024;

class Verifier {
 public:
  explicit Verifier(const AuditVerifyOptions& options) : options_(options) {}

  /// False: there is a fault.
  bool read(const AuditPart& part, bool is_last);
  AuditVerification finish(const std::vector<AuditPart>& parts);

 private:
  struct Place {
    const AuditPart& part;
    std::uint64_t line;
    std::uint64_t offset;  ///< Of the line behind it.
  };

  bool take(std::string_view text, const Place& place);
  bool check_order(const ParsedAuditLine& line, const Place& place);
  bool check_signature(const ParsedAuditLine& line, const Place& place);
  bool check_expected(const ParsedAuditLine& line, const Place& place);
  void note(const ParsedAuditLine& line);
  bool comes_later(std::uint64_t sequence, const Place& place) const;
  void advance(std::uint64_t bytes);
  bool fail(const Place& place, std::uint64_t sequence, std::string what);

  bool is_first() const { return result_.first_sequence == 0; }

  const AuditVerifyOptions& options_;
  AuditVerification result_;
  AuditHasher hasher_;
  std::uint64_t bytes_ = 0, told_bytes_ = 0;
};

bool Verifier::fail(const Place& place, std::uint64_t sequence, std::string what) {
  result_.fault = AuditFault{place.part.path, place.line, sequence, std::move(what)};
  return false;
}

void Verifier::advance(std::uint64_t bytes) {
  bytes_ += bytes;
  if (bytes_ - told_bytes_ < kAdvanceBytes) return;
  told_bytes_ = bytes_;
  if (options_.advanced) options_.advanced(bytes_);
}

bool Verifier::read(const AuditPart& part, bool is_last) {
  AuditLineReader reader(part);
  std::string_view text;
  for (std::uint64_t number = 1;; ++number) {
    const std::uint64_t begin = reader.offset();
    const AuditLineReader::Found found = reader.next(text);
    const Place place{part, number, reader.offset()};
    const std::uint64_t sequence = result_.head.sequence + 1;
    switch (found) {
      case AuditLineReader::Found::line:
        if (!take(text, place)) return false;
        advance(place.offset - begin);
        break;
      case AuditLineReader::Found::too_long:
        return fail(place, sequence, "was altered: it is longer than any line of an audit log");
      case AuditLineReader::Found::torn:
        if (!is_last)
          return fail(place, sequence,
                      "has no end, and only the newest file may end in a torn line");
        result_.torn_bytes = text.size();
        return true;
      case AuditLineReader::Found::end:
        return true;
    }
  }
}

bool Verifier::take(std::string_view text, const Place& place) {
  const auto line = parse_audit_line(text);
  const std::uint64_t expected = result_.head.sequence + 1;
  if (!line) return fail(place, expected, "was altered: it is no line of an audit log");
  if (text_of(hasher_.hash(line->hashed)) != line->hash)
    return fail(place, is_first() ? line->sequence : expected,
                "was altered: its hash is not that of its text");
  if (!check_order(*line, place) || !check_signature(*line, place) || !check_expected(*line, place))
    return false;
  note(*line);
  return true;
}

bool Verifier::comes_later(std::uint64_t sequence, const Place& place) const {
  AuditLineReader reader(place.part, place.offset);
  std::string_view text;
  for (int i = 0; i < kLookAheadLines; ++i) {
    if (reader.next(text) != AuditLineReader::Found::line) return false;
    const auto line = parse_audit_line(text);
    if (line && line->sequence == sequence) return true;
  }
  return false;
}

bool Verifier::check_order(const ParsedAuditLine& line, const Place& place) {
  const AuditHead& head = result_.head;
  if (is_first()) {
    if (line.sequence == 1 && line.previous != text_of(no_audit_hash()))
      return fail(place, 1, "is of another log: it says that it is the first one, and follows one");
    const auto named = sequence_in_name(place.part.path);
    if (named && *named < line.sequence)
      return fail(place, *named,
                  "was removed: its file is named after it, and begins with sequence " +
                      std::to_string(line.sequence));
    if (!line.can_be_first())
      return fail(place, line.sequence,
                  "is not what a file begins with: the lines before it were cut off");
    return true;
  }
  const std::uint64_t expected = head.sequence + 1;
  if (line.sequence > expected) {
    if (comes_later(expected, place))
      return fail(place, expected,
                  "was moved: sequence " + std::to_string(line.sequence) +
                      " stands in its place, and it comes later");
    const std::uint64_t last = line.sequence - 1;
    return fail(place, expected,
                last == expected ? "was removed"
                                 : "was removed, and all up to sequence " + std::to_string(last));
  }
  if (line.sequence < expected)
    return fail(place, line.sequence,
                "was inserted: expected sequence " + std::to_string(expected) +
                    "; it comes a second time, or two processes have written");
  if (line.previous != text_of(head.hash))
    return fail(place, line.sequence,
                "does not follow the line before it: one of the two was altered together with its "
                "hash, or is of another log");
  return true;
}

bool Verifier::check_signature(const ParsedAuditLine& line, const Place& place) {
  if (!line.is_checkpoint() || options_.keys.empty()) return true;
  const auto key = std::ranges::find(options_.keys, line.key, &PublicKey::fingerprint);
  if (key == options_.keys.end())
    return fail(place, line.sequence,
                "is a checkpoint by an unknown key, " + std::string(line.key));
  if (!is_signed_by(line, *key))
    return fail(place, line.sequence,
                "is a checkpoint with a wrong signature: it was altered, or a line behind the "
                "checkpoint before it");
  return true;
}

bool Verifier::check_expected(const ParsedAuditLine& line, const Place& place) {
  for (const AuditHead& head : options_.expected) {
    if (head.sequence == line.sequence && text_of(head.hash) != line.hash)
      return fail(place, line.sequence,
                  "is not the one that was expected: its hash is another, so the log was replaced "
                  "from here or from before on");
  }
  return true;
}

void Verifier::note(const ParsedAuditLine& line) {
  if (is_first()) {
    result_.first_sequence = line.sequence;
    result_.first_time = line.time;
  }
  result_.last_time = line.time;
  result_.head.sequence = line.sequence;
  line.hash.copy(result_.head.hash.data(), result_.head.hash.size());
  ++result_.since_checkpoint;
  if (line.kind == "record") {
    ++result_.records;
  } else if (line.kind == "cut") {
    ++result_.cuts;
  } else {
    ++result_.checkpoints;
    if (line.reason == "lost") result_.losses.push_back(line.sequence);
    result_.since_checkpoint = 0;
    if (std::ranges::find(result_.signers, line.key) == result_.signers.end())
      result_.signers.emplace_back(line.key);
  }
}

AuditVerification Verifier::finish(const std::vector<AuditPart>& parts) {
  if (options_.advanced) options_.advanced(bytes_);
  if (result_.fault) return std::move(result_);
  for (const AuditHead& head : options_.expected) {
    if (head.sequence < result_.first_sequence)
      throw Error(ErrorCode::not_found, "the expected sequence " + std::to_string(head.sequence) +
                                            " is older than these files, which begin at " +
                                            std::to_string(result_.first_sequence) +
                                            "; give the older files as well");
    if (head.sequence > result_.head.sequence)
      fail({parts.back(), 0, 0}, result_.head.sequence + 1,
           "was cut off: the log ends before it, and was expected to reach sequence " +
               std::to_string(head.sequence));
  }
  return std::move(result_);
}

}  // namespace

std::string AuditFault::sentence() const {
  return (line == 0 ? "the end" : "line " + std::to_string(line)) + " of audit file " +
         in_quotes(file.native(), 4096) + ": sequence " + std::to_string(sequence) + " " + what;
}

std::optional<AuditHead> parse_audit_head(std::string_view text) {
  AuditHead head;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, head.sequence);
  if (error != std::errc() || head.sequence == 0 || stop == end || *stop != ':')
    return std::nullopt;
  const std::string_view hash = text.substr(static_cast<std::size_t>(stop + 1 - text.data()));
  if (hash.size() != kAuditHashDigits ||
      hash.find_first_not_of("0123456789abcdef") != std::string_view::npos)
    return std::nullopt;
  hash.copy(head.hash.data(), head.hash.size());
  return head;
}

AuditVerification verify_audit(const std::vector<AuditPart>& parts,
                               const AuditVerifyOptions& options) {
  Verifier verifier(options);
  for (const AuditPart& part : parts) {
    if (!verifier.read(part, &part == &parts.back())) break;
  }
  return verifier.finish(parts);
}

}  // namespace kist::core
