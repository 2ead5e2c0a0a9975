// SPDX-License-Identifier: Apache-2.0
#include "audit/audit_verify.hpp"

#include <functional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "../config/message_of.hpp"
#include "audit_fixture.hpp"

using namespace kist::core;
using namespace kist::core::testing;
namespace fs = std::filesystem;

namespace {

using Lines = std::vector<std::string>;

std::string joined(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

void write(const fs::path& file, const Lines& lines) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << joined(lines);
}

/// The line with another text, and the hash that fits.
std::string forged(std::string line, std::string_view from, std::string_view to) {
  line.replace(line.find(from), from.size(), to);
  const std::size_t hash = line.rfind(",\"hash\":\"");
  const AuditHash fitting = AuditHasher().hash(std::string_view(line).substr(0, hash));
  line.replace(hash + 9, kAuditHashDigits, text_of(fitting));
  return line;
}

/// All behind `first` chained anew, as somebody without the key can do it.
void chain_anew(Lines& lines, std::size_t first) {
  for (std::size_t i = first; i < lines.size(); ++i) {
    const auto before = parse_audit_line(lines[i - 1]);
    const auto line = parse_audit_line(lines[i]);
    lines[i] = forged(lines[i], line->previous, before->hash);
  }
}

/// "line SEQUENCE: what" of a log of one file.
std::string fault_of(const LogPlace& place, const Lines& lines) {
  write(place.settings.file, lines);
  const auto fault = place.verify().fault;
  if (!fault) return "";
  CHECK(fault->file == place.settings.file);
  return std::to_string(fault->line) + " " + std::to_string(fault->sequence) + ": " + fault->what;
}

const std::string kAltered = "was altered: its hash is not that of its text";

}  // namespace

TEST_SUITE("core/audit/audit_verify") {
  TEST_CASE("any byte of any line that is changed is found in its line (AT-41)") {
    LogPlace place;
    place.write_records(4);
    const Lines whole = place.lines();
    REQUIRE(fault_of(place, whole) == "");
    for (std::size_t i = 0; i < whole.size(); ++i) {
      for (std::size_t byte = 0; byte < whole[i].size(); byte += 7) {
        Lines lines = whole;
        lines[i][byte] ^= 4;  // Makes no line end of any character.
        CAPTURE(lines[i]);
        const std::string fault = fault_of(place, lines);
        CHECK(fault.starts_with(std::to_string(i + 1) + " "));
        CHECK(contains(fault, "was altered"));
      }
    }
  }

  TEST_CASE("lines that are dropped, moved, repeated or inserted are named (AT-41)") {
    LogPlace place;
    place.write_records(6);
    const Lines whole = place.lines();
    LogPlace other;
    other.write_records(6, "other");
    const Lines foreign = other.lines();
    struct Case {
      std::string_view name;
      std::function<void(Lines&)> change;
      std::string fault;
    };
    const Case cases[] = {
        {"dropped", [](Lines& l) { l.erase(l.begin() + 3); }, "4 4: was removed"},
        {"three dropped", [](Lines& l) { l.erase(l.begin() + 3, l.begin() + 6); },
         "4 4: was removed, and all up to sequence 6"},
        {"swapped", [](Lines& l) { std::swap(l[2], l[3]); },
         "3 3: was moved: sequence 4 stands in its place, and it comes later"},
        {"repeated", [](Lines& l) { l.insert(l.begin() + 4, l[3]); },
         "5 4: was inserted: expected sequence 5; it comes a second time, or two processes have "
         "written"},
        {"two writers", [&](Lines& l) { l.insert(l.begin() + 4, foreign[3]); },
         "5 4: was inserted: expected sequence 5; it comes a second time, or two processes have "
         "written"},
        {"spliced", [&](Lines& l) { std::copy(foreign.begin() + 3, foreign.end(), l.begin() + 3); },
         "4 4: does not follow the line before it: one of the two was altered together with its "
         "hash, or is of another log"},
        {"no line", [](Lines& l) { l.insert(l.begin() + 1, "{}"); },
         "2 2: was altered: it is no line of an audit log"},
        {"empty", [](Lines& l) { l.insert(l.begin() + 1, ""); },
         "2 2: was altered: it is no line of an audit log"},
        {"endless", [](Lines& l) { l.insert(l.begin() + 1, std::string(100'000, 'x')); },
         "2 2: was altered: it is longer than any line of an audit log"},
        {"forged", [](Lines& l) { l[3] = forged(l[3], "alice", "mallory"); },
         "5 5: does not follow the line before it: one of the two was altered together with its "
         "hash, or is of another log"},
        {"the first one is gone, and the second says that it is it",
         [](Lines& l) {
           l.erase(l.begin());
           l[0] = forged(l[0], "\"sequence\":2", "\"sequence\":1");
         },
         "1 1: is of another log: it says that it is the first one, and follows one"},
        {"all chained anew",
         [](Lines& l) {
           l[3] = forged(l[3], "alice", "mallory");
           chain_anew(l, 4);
         },
         "8 8: is a checkpoint with a wrong signature: it was altered, or a line behind the "
         "checkpoint before it"},
    };
    for (const Case& sample : cases) {
      CAPTURE(sample.name);
      Lines lines = whole;
      sample.change(lines);
      CHECK(fault_of(place, lines) == sample.fault);
    }
  }

  TEST_CASE("a log by another key is not taken for this one (AT-41)") {
    LogPlace place, other;
    place.write_records(1);
    other.write_records(1);
    const std::string fingerprint = SigningKey::open(other.directory.path()).fingerprint();
    CHECK(fault_of(place, other.lines()) ==
          "1 1: is a checkpoint by an unknown key, " + fingerprint);
  }

  TEST_CASE("a torn end is torn, and nothing else (AT-41)") {
    LogPlace place;
    place.write_records(2);
    const std::string whole = place.text();
    const std::size_t last = joined({place.lines().back()}).size();
    for (std::size_t cut = 1; cut < last; cut += 11) {
      std::ofstream(place.settings.file, std::ios::trunc) << whole.substr(0, whole.size() - cut);
      const AuditVerification result = place.verify();
      CHECK(!result.fault);
      CHECK(result.torn_bytes == last - cut);
      CHECK(result.head.sequence == 3);
      CHECK(result.since_checkpoint == 2);
    }
  }

  TEST_CASE("an end that was cut off is found by a head that was seen before (AT-41)") {
    LogPlace place;
    place.write_records(3);
    const AuditHead head = place.verify().head;
    CHECK(!place.verify({head}).fault);
    Lines lines = place.lines();
    lines.pop_back();
    write(place.settings.file, lines);
    CHECK(!place.verify().fault);
    CHECK(place.verify({head}).fault->sentence() ==
          "the end of audit file '" + place.settings.file.native() +
              "': sequence 5 was cut off: the log ends before it, and was expected to reach "
              "sequence 5");
  }

  TEST_CASE("an old file that was put back is found by a head that was seen before (AT-41)") {
    LogPlace place;
    place.write_records(1);
    const std::string old = place.text();
    place.write_records(1, "forgotten");
    const AuditHead head = place.verify().head;
    std::ofstream(place.settings.file, std::ios::trunc) << old;
    place.write_records(2, "other");
    CHECK(!place.verify().fault);
    CHECK(contains(
        place.verify({head}).fault->sentence(),
        "sequence " + std::to_string(head.sequence) + " is not the one that was expected"));
  }

  TEST_CASE("an old file in the place of another is a replay (AT-41)") {
    LogPlace place;
    place.settings.rotate_bytes = 2000;
    place.write_records(12);
    const auto rotated = rotated_audit_files(place.settings.file);
    REQUIRE(rotated.size() >= 2);
    REQUIRE(place.fault() == "");
    fs::copy_file(rotated[0].path, rotated[1].path, fs::copy_options::overwrite_existing);
    const auto fault = place.verify().fault;
    REQUIRE(fault);
    CHECK(fault->file == rotated[1].path);
    CHECK(fault->line == 1);
    CHECK(contains(fault->what, "was inserted"));
    fs::remove(rotated[1].path);
    CHECK(contains(place.fault(), " was removed, and all up to sequence "));
  }

  TEST_CASE("a torn end of any file but the newest is a fault") {
    LogPlace place;
    place.settings.rotate_bytes = 1000;
    place.write_records(4);
    const auto rotated = rotated_audit_files(place.settings.file);
    REQUIRE(!rotated.empty());
    std::ofstream(rotated[0].path, std::ios::app) << "{\"sequence\"";
    CHECK(contains(place.fault(), "has no end, and only the newest file may end in a torn line"));
  }

  TEST_CASE("a log whose older files are archived is checked from its first line on") {
    LogPlace place;
    place.settings.rotate_bytes = 1000;
    place.write_records(6);
    const auto rotated = rotated_audit_files(place.settings.file);
    REQUIRE(rotated.size() > 1);
    const AuditHead old = *parse_audit_head("1:" + std::string(64, '0'));
    fs::remove(rotated[0].path);
    CHECK(place.fault() == "");
    CHECK(place.verify().first_sequence == rotated[1].first_sequence);
    CHECK(message_of([&] { place.verify({old}); }) ==
          "the expected sequence 1 is older than these files, which begin at " +
              std::to_string(*rotated[1].first_sequence) + "; give the older files as well");
  }

  TEST_CASE("AT-41: lines cut off the beginning are missed by the name of their file") {
    LogPlace place;
    place.settings.rotate_bytes = 1000;
    place.write_records(6);
    const auto rotated = rotated_audit_files(place.settings.file);
    REQUIRE(rotated.size() > 1);
    std::string text = text_of(rotated[0].path);
    std::ofstream(rotated[0].path, std::ios::trunc) << text.substr(text.find('\n') + 1);
    CHECK(contains(place.fault(),
                   "was removed: its file is named after it, and begins with sequence 2"));
    CHECK(sequence_in_name("/log/kist-audit.jsonl.000000000012") == 12u);
    for (const char* const other :
         {"kist-audit.jsonl", "kist-audit.jsonl.1", "kist-audit.jsonl.00000000000x", ""}) {
      CAPTURE(std::string(other));
      CHECK(!sequence_in_name(other));
    }
  }

  TEST_CASE(
      "AT-41: lines cut off the beginning of the newest file are missed by what is first now") {
    LogPlace place;
    place.write_records(3);
    const std::string text = place.text();
    for (std::size_t cut = text.find('\n') + 1, i = 2; i <= 5; ++i) {
      std::ofstream(place.settings.file, std::ios::trunc) << text.substr(cut);
      CHECK(contains(place.fault(), "line 1 of"));
      CHECK(contains(place.fault(), "sequence " + std::to_string(i) +
                                        " is not what a file begins with: the lines before it "
                                        "were cut off"));
      cut = text.find('\n', cut) + 1;
    }
  }

  TEST_CASE("a head is a sequence and a hash, and nothing else") {
    const std::string hash(64, 'a');
    REQUIRE(parse_audit_head("7:" + hash));
    CHECK(parse_audit_head("7:" + hash)->sequence == 7);
    for (const std::string& text : std::vector<std::string>{
             "", "7", "7:", "7:" + hash + "a", ":" + hash, "0:" + hash, "-7:" + hash, "7 " + hash,
             "7:" + std::string(64, 'A'), "99999999999999999999:" + hash})
      CHECK(!parse_audit_head(text));
  }
}
