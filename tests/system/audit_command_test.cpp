// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <deque>
#include <filesystem>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <doctest/doctest.h>

#include "audit/audit_line.hpp"
#include "audit/audit_place.hpp"
#include "kist_process.hpp"
#include "secrets/time_text.hpp"

using namespace kist::testing;
namespace core = kist::core;
namespace fs = std::filesystem;

namespace {

core::AuditRecord record_of(std::string principal, std::string secret_name) {
  core::AuditRecord record;
  record.request_id = "r1";
  record.peer = "127.0.0.1:1";
  record.principal = std::move(principal);
  record.action = "secret.get";
  record.secret_id = kist::Uuid::parse("6ba7b8109dad41d180b400c04fd430c8");
  record.secret_name = std::move(secret_name);
  record.status = 200;
  record.result = "ok";
  return record;
}

class Ignored final : public core::AuditWaiter {
 public:
  void audited(bool durable) noexcept override { CHECK(durable); }
};

/// Where the store of a workplace has its log by default.
struct AuditedPlace : Workplace {
  fs::path file = path() / "kist-audit.jsonl";

  std::unique_ptr<core::AuditLog> open() const {
    core::AuditLogSettings settings;
    settings.file = file;
    return std::make_unique<core::AuditLog>(settings, core::SigningKey::open(path()),
                                            [](std::string_view) {});
  }
  void write(const std::vector<core::AuditRecord>& records) const {
    Ignored waiter;
    const auto log = open();
    for (const core::AuditRecord& record : records) log->append(record, waiter);
  }
};

std::size_t lines_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Reads the descriptor until `part` has come.
std::string read_until(int descriptor, std::string_view part) {
  std::string text;
  char bytes[4096];
  while (!contains(text, part)) {
    const ::ssize_t count = ::read(descriptor, bytes, sizeof bytes);
    if (count <= 0) break;
    text.append(bytes, static_cast<std::size_t>(count));
  }
  return text;
}

}  // namespace

TEST_SUITE("system/audit_command") {
  TEST_CASE("a good log is verified, with what is in it") {
    const AuditedPlace place;
    place.write({record_of("alice", "a"), record_of("bob", "b")});
    const Ended ended = place.kist({"audit", "verify", "--output", "json"});
    CHECK(ended.exit_code == 0);
    CHECK(ended.err == "");
    const boost::json::object found = ended.json().as_object();
    CHECK(found.at("valid").as_bool());
    CHECK(found.at("records") == 2);
    CHECK(found.at("checkpoints") == 2);
    CHECK(found.at("last_sequence") == 4);
    CHECK(found.at("signatures_checked").as_bool());
    CHECK(found.at("fault").is_null());
    const std::string head = text_of(found.at("head"));
    CHECK(place.kist({"audit", "verify", "--expect", head}).exit_code == 0);
    CHECK(contains(place.done({"audit", "verify"}), head));
  }

  TEST_CASE("an altered log has exit code 9, and its line is named (AT-41)") {
    const AuditedPlace place;
    place.write({record_of("alice", "a"), record_of("bob", "b")});
    std::string text = read_file(place.file);
    text[text.find("bob")] = 'B';
    place.Workplace::write("kist-audit.jsonl", text);
    const Ended ended = place.kist({"audit", "verify", "--output", "json"});
    CHECK(ended.exit_code == 9);
    const boost::json::object fault = ended.json().at("fault").as_object();
    CHECK(fault.at("line") == 3);
    CHECK(fault.at("sequence") == 3);
    const std::string sentence = "line 3 of audit file '" + place.file.native() +
                                 "': sequence 3 was altered: its hash is not that of its text";
    CHECK(text_of(ended.error_json().at("message")) == sentence);
    CHECK(place.kist({"audit", "verify"}).err == "kist: corrupt: " + sentence + "\n");
  }

  TEST_CASE("a torn end is a warning, and an end that was cut off is not hidden (AT-41)") {
    const AuditedPlace place;
    place.write({record_of("alice", "a")});
    const std::string text = read_file(place.file);
    const std::string head =
        text_of(place.kist({"audit", "verify", "--output", "json"}).json().at("head"));
    place.Workplace::write("kist-audit.jsonl", text.substr(0, text.size() - 5));
    const Ended torn = place.kist({"audit", "verify"});
    CHECK(torn.exit_code == 0);
    CHECK(contains(torn.err, "bytes of a torn line"));
    const Ended cut = place.kist({"audit", "verify", "--expect", head});
    CHECK(cut.exit_code == 9);
    CHECK(contains(cut.err, "sequence 3 was cut off"));
  }

  TEST_CASE("a log that holds no line is not called good: nothing was verified") {
    const AuditedPlace place;
    place.write({record_of("alice", "a")});
    const std::string head =
        text_of(place.kist({"audit", "verify", "--output", "json"}).json().at("head"));
    const std::string sentence =
        "audit file '" + place.file.native() +
        "' holds no line, so nothing was verified; what was there shows only with the head of a "
        "checkpoint that was kept elsewhere: give it to --expect";
    for (const std::string& left : {std::string(), read_file(place.file).substr(0, 20)}) {
      place.Workplace::write("kist-audit.jsonl", left);
      const Ended emptied = place.kist({"audit", "verify"});
      CHECK(emptied.exit_code == 4);
      CHECK(emptied.out == "result  nothing was verified: there is no line\nfiles   1\n");
      CHECK(emptied.err.ends_with("kist: not_found: " + sentence + "\n"));
      const Ended json = place.kist({"audit", "verify", "--output", "json"});
      CHECK(json.exit_code == 4);
      CHECK(json.json().at("valid") == false);
      CHECK(json.json().at("fault").is_null());
      const Ended expected = place.kist({"audit", "verify", "--expect", head});
      CHECK(expected.exit_code == 9);
      CHECK(contains(expected.err, "sequence 1 was cut off"));
    }
    fs::remove(place.file);
    CHECK(place.kist({"audit", "verify"}).exit_code == 4);
  }

  TEST_CASE("an empty file behind others is a warning") {
    const AuditedPlace place;
    place.write({record_of("alice", "a")});
    fs::rename(place.file, place.file.native() + ".000000000001");
    place.Workplace::write("kist-audit.jsonl", "");
    const Ended ended = place.kist({"audit", "verify"});
    CHECK(ended.exit_code == 0);
    CHECK(ended.err == "kist: warning: audit file '" + place.file.native() +
                           "' is empty: what it held shows with --expect only\n");
  }

  TEST_CASE("keys and files can be given, and without a key nobody says that it was checked") {
    const AuditedPlace place, other;
    place.write({record_of("alice", "a")});
    other.write({record_of("alice", "a")});
    const std::string file = place.file.native();
    CHECK(place.kist({"audit", "verify", file}).exit_code == 0);
    const Ended foreign = place.kist({"audit", "verify", file, "--public-key",
                                      (other.path() / "kist-audit-key.pub.pem").native()});
    CHECK(foreign.exit_code == 9);
    CHECK(contains(foreign.err, "checkpoint by an unknown key"));
    fs::remove(place.path() / "kist-audit-key.pub.pem");
    const Ended unchecked = place.kist({"audit", "verify", file});
    CHECK(unchecked.exit_code == 0);
    CHECK(contains(unchecked.err, "warning: no signature was checked"));
    CHECK(contains(unchecked.out, "good, signatures not checked\n"));
    CHECK(contains(unchecked.out, "signed by (not checked)"));
    const Ended required = place.kist({"audit", "verify", file, "--require-signatures"});
    CHECK(required.exit_code == 6);
    CHECK(contains(required.err, "no signature was checked, and --require-signatures asks for it"));
    CHECK(place.kist({"audit", "verify", "missing"}).exit_code == 4);
    CHECK(place.kist({"audit", "verify", "--expect", "7"}).exit_code == 2);
  }

  TEST_CASE("the end of a log is shown, and can be chosen from") {
    const AuditedPlace place;
    std::vector<core::AuditRecord> records;
    for (int i = 0; i < 30; ++i)
      records.push_back(record_of(i % 2 == 0 ? "alice" : "bob", "s" + std::to_string(i)));
    const auto other_id = kist::Uuid::parse("0ba7b8109dad41d180b400c04fd430c8");
    records[7].secret_id = records[8].secret_id = other_id;
    records[8].secret_name.clear();
    place.write(records);
    CHECK(lines_of(place.done({"audit", "tail"})) == 11);
    CHECK(place.done({"audit", "tail"}).starts_with("TIME                 RESULT "));
    CHECK(contains(place.done({"audit", "tail", "--lines", "1"}), "checkpoint"));
    const std::string bob = place.done({"audit", "tail", "--principal", "bob", "--lines", "3"});
    CHECK(lines_of(bob) == 4);
    CHECK(contains(bob, " s25 "));
    CHECK(contains(bob, " s29 "));
    CHECK(!contains(bob, "alice"));
    CHECK(lines_of(place.done({"audit", "tail", "--secret", "s7"})) == 3);  // By the id alone, too.
    CHECK(lines_of(place.done({"audit", "tail", "--lines", "1000", "--secret",
                               "6BA7B8109DAD41D180B400C04FD430C8"})) == 29);
    CHECK(lines_of(place.done({"audit", "tail", "--lines", "0"})) == 0);
    const auto json =
        place.done({"audit", "tail", "--secret", "s7", "--lines", "1", "--output", "json"});
    CHECK(contains(read_file(place.file), json));
    CHECK(place.kist({"audit", "tail", "--lines", "many"}).exit_code == 2);
  }

  TEST_CASE("what is no line of a log is shown as such, and lines can be chosen by their time") {
    const AuditedPlace place;
    core::AuditRecord early = record_of("alice", "early"), late = record_of("alice", "late");
    early.time = core::parse_time("2026-03-01 12:00:00")->time;
    late.time = core::parse_time("2026-03-01 12:00:01")->time;
    place.write({early, late});
    place.Workplace::write("kist-audit.jsonl", read_file(place.file) + "{}\nnonsense");
    const std::string shown = place.done({"audit", "tail"});
    CHECK(contains(shown, "  (not a line)"));
    CHECK(contains(shown, "  2 bytes\n"));
    CHECK(contains(shown, "  torn "));
    CHECK(shown.ends_with("  8 bytes\n"));
    const auto since = [&](const char* time) {
      return place.done({"audit", "tail", "--principal", "alice", "--since", time});
    };
    CHECK(lines_of(since("2026-03-01 12:00:00")) == 3);
    CHECK(lines_of(since("2026-03-01T12:00:00.000001Z")) == 2);
    CHECK(contains(since("2026-03-01T14:00:01+02:00"), " late "));
    CHECK(since("2999-01-01 00:00:00").empty());
    place.refuses(
        {{{"audit", "tail", "--since", "yesterday"},
          "--since is 'yesterday'; expected a time such as '2026-03-01 12:00:00' (UTC) or "
          "RFC 3339"}});
  }

  TEST_CASE("where nothing is found it says so, and a word that no record has is refused") {
    const AuditedPlace place;
    place.write({record_of("alice", "a")});
    const auto said = [&](const Words& words) {
      Words line{"audit", "tail"};
      line.insert(line.end(), words.begin(), words.end());
      const Ended ended = place.kist(line);
      return std::to_string(ended.exit_code) + " " + ended.out + ended.err;
    };
    CHECK(said({"--principal", "alcie"}) ==
          "0 kist: the log holds no record of principal 'alcie'\n");
    CHECK(said({"--principal", "alice", "--action", "secret.list", "--secret", "b"}) ==
          "0 kist: the log holds no record of principal 'alice' and action 'secret.list' and "
          "secret 'b'\n");
    CHECK(said({"--principal", "bob", "--lines", "0"}) == "0 ");
    CHECK(said({"--action", "secret.gte"})
              .starts_with("2 kist: invalid_argument: --action is 'secret.gte', which no record "
                           "has; did you mean 'secret.get'? Allowed: host.info, "));
    CHECK(contains(said({"--action", "read"}), "which no record has. Allowed: "));
    for (const char* const action : {"secret.get_metadata", "request.unknown"})
      CHECK(said({"--action", action}).starts_with("0 "));
    place.Workplace::write("kist-audit.jsonl", "");
    CHECK(said({}) == "0 kist: the log holds no line\n");
  }

  TEST_CASE("a name that fights back does not reach the terminal (AT-42)") {
    const AuditedPlace place;
    place.write({record_of("alice", "\x1b[2J\nforged\xff")});
    for (const Words& words :
         {Words{"audit", "tail"}, Words{"audit", "tail", "--output", "json"}}) {
      const std::string out = place.done(words);
      CHECK(lines_of(out) == (words.size() == 2 ? 4 : 3));  // The table has headings.
      CHECK(!contains(out, "\x1b"));
      CHECK(!contains(out, "\xff"));
    }
  }

  TEST_CASE("a log is followed into the next file, until a signal comes") {
    const AuditedPlace place;
    const auto log = place.open();
    Ignored waiter;
    log->append(record_of("alice", "first"), waiter);
    Pipe out;
    const pid_t child = start_kist({.words = {"audit", "tail", "--follow", "--principal", "alice"}},
                                   place.path(), -1, out.write.get(), STDERR_FILENO);
    out.write = core::FileDescriptor();
    CHECK(contains(read_until(out.read.get(), "first"), "first"));
    for (const char* const name : {"second", "third"}) {
      log->reopen();
      log->append(record_of("alice", name), waiter);
      CHECK(contains(read_until(out.read.get(), name), name));
    }
    ::kill(child, SIGTERM);
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
  }
}
