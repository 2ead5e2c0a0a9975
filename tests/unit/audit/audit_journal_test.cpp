// SPDX-License-Identifier: Apache-2.0
#include "audit/audit_journal.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "audit_fixture.hpp"
#include "faulty_disk.hpp"

using namespace kist::core;
using namespace kist::core::testing;
namespace fs = std::filesystem;

namespace {

bool append(AuditLog& log, const std::string& name) {
  Waiter waiter;
  log.append(sample_record(name), waiter);
  return waiter.wait();
}

/// A log of so many lines, and where each ends.
struct Lines {
  explicit Lines(int count, const AuditHead& head = {}, const std::string& name = "n")
      : lines(head) {
    ends.push_back(0);
    for (int i = 0; i < count; ++i) {
      lines.record(sample_record(name + std::to_string(i)));
      ends.push_back(lines.text().size());
    }
  }

  std::string range(std::size_t from, std::size_t to) const {
    return std::string(lines.text().substr(ends.at(from), ends.at(to) - ends.at(from)));
  }

  AuditLines lines;
  std::vector<std::size_t> ends;
};

/// The log as it is after the repair; as it was where there is none.
std::string repaired(const std::string& log, const std::string& journal) {
  const auto repair = repair_audit_log(log, journal);
  return repair ? log.substr(0, repair->keep_bytes) + std::string(repair->lines) : log;
}

/// Writes bytes into the file in its place, as somebody else's process would.
void overwrite(const fs::path& file, std::size_t at, const std::string& bytes) {
  std::fstream stream(file, std::ios::binary | std::ios::in | std::ios::out);
  stream.seekp(static_cast<std::streamoff>(at));
  stream << bytes;
  REQUIRE(stream.flush());
}

fs::path journal_of(const LogPlace& place) { return place.settings.file.native() + ".journal"; }

/// How often lines with this name are in the log.
std::size_t times(const LogPlace& place, const std::string& name) {
  return count_of(place.lines(), "\"secret_name\":\"" + name + '"');
}

}  // namespace

TEST_SUITE("core/audit/journal") {
  TEST_CASE("what a crash took off the end of a log, anywhere, is put back (AT-41)") {
    const Lines all(6);
    const std::string whole = all.range(0, 6), journal = all.range(2, 6);
    for (std::size_t size = all.ends[2]; size <= whole.size(); ++size) {
      CAPTURE(size);
      REQUIRE(repaired(whole.substr(0, size), journal) == whole);
      // The system had made it longer, and not written the bytes.
      const std::string zeros = whole.substr(0, size) + std::string(whole.size() - size, '\0');
      REQUIRE(repaired(zeros, journal) == whole);
    }
    const std::string hole = all.range(0, 3) + std::string(all.range(3, 4).size(), '\0');
    CHECK(repaired(hole + all.range(4, 6), journal) == whole);
  }

  TEST_CASE("a journal that is not whole, or has older lines behind its own, gives what it has") {
    const Lines before(4, {}, "older"), all(4, before.lines.head());
    const std::string older = before.range(0, 4), journal = all.range(0, 4), log = older;
    for (std::size_t size = 0, whole_lines = 0; size <= journal.size(); ++size) {
      CAPTURE(size);
      if (whole_lines < 4 && size == all.ends[whole_lines + 1]) ++whole_lines;
      std::string torn = journal.substr(0, size);
      if (size < older.size()) torn += older.substr(size);
      REQUIRE(repaired(log, torn + std::string(100, '\0')) == log + all.range(0, whole_lines));
    }
    // Whole lines, each with its right hash, that are older.
    const Lines same(4, {}, "n");
    CHECK(repaired(log, all.range(0, 1) + same.range(1, 4)) == log + all.range(0, 1));
    CHECK(repaired(log, "") == log);
    CHECK(repaired(log, std::string(1000, '\0')) == log);
    CHECK(repaired(log, std::string(1000, '\n')) == log);
  }

  TEST_CASE("a log that has gone on, or is another, stays as it is") {
    const Lines all(6);
    const std::string log = all.range(0, 6);
    CHECK(!repair_audit_log(log, all.range(2, 4)));  // It has more than the journal.
    CHECK(!repair_audit_log(log, all.range(1, 3)));  // So does one of long ago.
    CHECK(!repair_audit_log(log + "{\"torn", all.range(2, 6)));
    // Without its journal, somebody has written on where a crash had cut it.
    const std::string gone_on =
        all.range(0, 3) + Lines(1, Lines(3).lines.head(), "another").range(0, 1);
    CHECK(!repair_audit_log(gone_on, all.range(2, 6)));
    // What somebody has put in or altered stays, as does what stands behind it.
    CHECK(!repair_audit_log(all.range(0, 4) + "{}\n" + all.range(4, 5), all.range(2, 6)));
    std::string touched = all.range(0, 6);
    touched[touched.find("alice", all.ends[4])] = 'A';
    CHECK(!repair_audit_log(touched, all.range(2, 6)));
    AuditHead elsewhere;
    elsewhere.hash.fill('a');
    CHECK(!repair_audit_log(log, Lines(3, elsewhere).range(0, 3)));
    // A line in it that was altered ends it.
    std::string altered = all.range(2, 6);
    altered[altered.find("alice", all.ends[4] - all.ends[2])] = 'A';
    CHECK(repaired(all.range(0, 3), altered) == all.range(0, 4));
  }

  TEST_CASE("a machine that crashes has lost no record that was acknowledged (AT-41)") {
    LogPlace place;
    std::string log_text, journal_text;
    std::size_t synced = 0;
    {
      const auto log = place.open();
      synced = place.text().size();
      for (int i = 0; i < 20; ++i) REQUIRE(append(*log, "n" + std::to_string(i)));
      log_text = place.text();
      journal_text = text_of(journal_of(place));
    }
    REQUIRE(journal_text.size() == AuditJournal::kBytes);
    for (std::size_t size = synced; size < log_text.size(); size += 611) {
      CAPTURE(size);
      for (const bool zeros : {false, true}) {
        LogPlace after;
        for (const char* const key : {"kist-audit-key.pem", "kist-audit-key.pub.pem"})
          fs::copy(place.directory.path() / key, after.directory.path() / key);
        std::string found = log_text.substr(0, size);
        if (zeros) found += std::string(log_text.size() - size, '\0');
        after.directory.write("audit.jsonl", found, 0600);
        after.directory.write("audit.jsonl.journal", journal_text, 0600);
        after.write_records(1, "after");
        CHECK(after.fault() == "");
        CHECK(after.text().starts_with(log_text));
        CHECK(contains(after.said().at(0), "lines back into audit file"));
        CHECK(count_of(after.lines(), "\"kind\":\"cut\"") == 0);
      }
    }
  }

  TEST_CASE("the log is synced itself when the journal is full") {
    LogPlace place;
    FaultyDisk disk;
    const auto log = place.open();
    disk.fail(EIO, "audit.jsonl");
    int good = 0;
    while (append(*log, std::string(1000, 'x')) && good < 2000) ++good;
    // A line has some 1,460 bytes.
    CHECK(good > 600);
    CHECK(good < 1000);
    CHECK(contains(log->problem().value_or(""), "cannot write audit file"));
    disk.mend();
    log->reopen();
    CHECK(!log->problem());
    CHECK(place.fault() == "");
  }

  TEST_CASE("what is put away, and what a stop leaves, is durable in the log itself") {
    using Names = std::vector<std::string>;
    const std::string log_name = "audit.jsonl", journal_name = "audit.jsonl.journal";
    LogPlace place;
    FaultyDisk disk;
    {
      const auto log = place.open();
      disk.synced();
      REQUIRE(append(*log, "n"));
      CHECK(disk.synced() == Names{journal_name});
      log->reopen();
      CHECK(disk.synced() == Names{log_name, log_name});  // The old one, and the new one.
      REQUIRE(append(*log, "n"));
      disk.synced();
    }
    CHECK(disk.synced() == Names{log_name});
    place.settings.rotate_bytes = 1;
    {
      const auto log = place.open();
      disk.synced();
      REQUIRE(append(*log, "n"));
      const auto puts_away = [&] { return audit_files(place.settings.file).size() == 3; };
      REQUIRE(comes_true(puts_away));
    }
    CHECK(disk.synced() == Names{journal_name, log_name, log_name, log_name});
    CHECK(place.fault() == "");
  }

  TEST_CASE("a batch that is larger than the journal is synced in the log") {
    LogPlace place;
    FaultyDisk disk;
    const auto log = place.open();
    disk.hang();
    std::vector<Waiter> waiters(1500);
    log->append(sample_record("first"), waiters.front());
    disk.wait_for_hanging(1);
    for (std::size_t i = 1; i < waiters.size(); ++i)
      log->append(sample_record(std::string(1000, 'x')), waiters[i]);
    disk.synced();
    disk.mend();
    for (Waiter& waiter : waiters) CHECK(waiter.wait());
    CHECK(disk.synced() == std::vector<std::string>{"audit.jsonl"});
    CHECK(place.fault() == "");
  }

  TEST_CASE("what the system could not write, and let go of, is written again (AT-40)") {
    LogPlace place;
    place.settings.look_time = std::chrono::hours(1);
    FaultyDisk disk;
    const auto log = place.open();
    const std::size_t synced = place.text().size();
    disk.fail(EIO, "audit.jsonl");
    int good = 0;
    while (append(*log, "n" + std::to_string(good) + std::string(1000, 'x'))) ++good;
    const std::string written = place.text();
    overwrite(place.settings.file, synced, std::string(written.size() - synced, '\0'));
    disk.mend();
    log->reopen();
    CHECK(append(*log, "after"));
    CHECK(text_of(audit_files(place.settings.file).front().path).starts_with(written));
    CHECK(place.fault() == "");
    CHECK(place.verify().records == static_cast<std::uint64_t>(good) + 1);
  }

  TEST_CASE("without a journal, and with one that fails, the log is synced for each record") {
    LogPlace place;
    FaultyDisk disk;
    {
      const auto log = place.open();
      disk.fail(EIO, ".journal");
      for (int i = 0; i < 3; ++i) CHECK(append(*log, "fails" + std::to_string(i)));
      disk.fail(EIO, "audit.jsonl");
      disk.mend();
    }
    CHECK(count_of(place.said(), "cannot write audit journal") == 1);
    fs::remove(journal_of(place));
    fs::create_directory(journal_of(place));
    {
      const auto log = place.open();
      CHECK(append(*log, "none"));
      disk.fail(EIO, "audit.jsonl");
      CHECK(!append(*log, "meanwhile"));
      disk.mend();
    }
    CHECK(count_of(place.said(), "each record waits for the log itself") == 2);
    CHECK(times(place, "fails2") == 1);
    CHECK(times(place, "none") == 1);
    CHECK(place.fault() == "");
  }

  TEST_CASE("a journal that others can read, or that is a link, is not used") {
    LogPlace place;
    fs::create_symlink(place.directory.path() / "elsewhere", journal_of(place));
    place.write_records(1, "link");
    CHECK(!fs::exists(place.directory.path() / "elsewhere"));
    fs::remove(journal_of(place));
    place.write_records(1, "made");
    CHECK(fs::status(journal_of(place)).permissions() ==
          (fs::perms::owner_read | fs::perms::owner_write));
    fs::permissions(journal_of(place), fs::perms::group_read, fs::perm_options::add);
    const std::string before = text_of(journal_of(place));
    place.write_records(1, "group");
    CHECK(text_of(journal_of(place)) == before);
    CHECK(count_of(place.said(), "can be read or written by others") == 1);
    CHECK(place.fault() == "");
  }
}
