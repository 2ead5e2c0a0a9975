// SPDX-License-Identifier: Apache-2.0
// How a log begins, goes on, and is put away.

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "../secrets/failure_of.hpp"
#include "audit_fixture.hpp"

using namespace kist::core;
using namespace kist::core::testing;
namespace fs = std::filesystem;

namespace {

void append(AuditLog& log, const std::string& name = "n") {
  Waiter waiter;
  log.append(sample_record(name), waiter);
  REQUIRE(waiter.wait());
}

void replace_text(const fs::path& file, std::string_view text) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
}

std::string refusal(LogPlace& place) {
  return failure_of([&] { place.open(); });
}

}  // namespace

TEST_SUITE("core/audit/audit_file") {
  TEST_CASE("a torn last line is cut off, and the cut is a line of the log (AT-41)") {
    LogPlace place;
    place.write_records(2);
    const std::string whole = place.text();
    const std::string line = place.lines()[1];
    for (const std::size_t size : {std::size_t{1}, line.size() / 2, line.size()}) {
      CAPTURE(size);
      replace_text(place.settings.file, whole + line.substr(0, size));
      CHECK(place.verify().torn_bytes == size);
      CHECK(place.fault() == "");
      place.write_records(1);
      CHECK(place.text().starts_with(whole));
      CHECK(contains(place.lines()[4], R"("kind":"cut","bytes":)" + std::to_string(size) + ","));
      CHECK(place.fault() == "");
      CHECK(place.verify().cuts == 1);
      CHECK(place.verify().torn_bytes == 0);
    }
    CHECK(
        contains(place.said()[2], "audit: cut 1 bytes of a torn line off the end of audit file '"));
  }

  TEST_CASE("a first line that is torn leaves an empty file, which begins anew") {
    LogPlace place;
    place.directory.write("audit.jsonl", R"({"sequence":1,"ti)");
    place.write_records(1);
    CHECK(contains(place.lines()[0], R"({"sequence":1,)"));
    CHECK(contains(place.lines()[0], R"("kind":"cut","bytes":17,)"));
    CHECK(place.fault() == "");
  }

  TEST_CASE("a log whose end was altered is not added to (AT-41)") {
    LogPlace place;
    place.write_records(1);
    const std::string whole = place.text();
    const std::string changed =
        "the last line of audit file '" + place.settings.file.native() +
        "' is not what its hash says, so nothing is added to it; 'kist "
        "audit verify' finds the first line that was altered. Move the file "
        "away, keep it for whoever looks into it, and start the host: it "
        "begins a new one";
    std::string flipped = whole;
    flipped[whole.rfind("\"stop\"") + 2] ^= 1;
    for (const std::string& text : {flipped, whole + "{}\n", whole + "\n", whole + "\xff\n"}) {
      replace_text(place.settings.file, text);
      CHECK(refusal(place) == "failed_precondition: " + changed);
      CHECK(place.text() == text);
    }
    replace_text(place.settings.file, std::string(70'000, 'x'));
    CHECK(refusal(place) ==
          "failed_precondition: audit file '" + place.settings.file.native() + "' is no audit log");
  }

  TEST_CASE("a log that went away while nobody wrote it is told, and the new one says so (AT-41)") {
    const auto loss = [](bool keeps_journal, bool has_key_file, bool is_emptied) -> std::string {
      LogPlace place;
      place.write_records(2);
      if (is_emptied)
        replace_text(place.settings.file, "");
      else
        fs::remove(place.settings.file);
      if (!keeps_journal) fs::remove(place.settings.file.native() + ".journal");
      place.settings.was_written_before = has_key_file;
      const std::size_t before = place.said().size();
      place.write_records(1);
      const bool is_marked = contains(place.lines()[0], R"("reason":"lost")");
      CHECK(is_marked != contains(place.lines()[0], R"("reason":"start")"));
      CHECK(place.fault() == "");
      CHECK(place.verify().losses ==
            (is_marked ? std::vector<std::uint64_t>{1} : std::vector<std::uint64_t>{}));
      const std::string said = place.said()[before];
      return contains(said, "was missing or empty") ? said.substr(said.find("though")) : "";
    };
    const std::string rest = "; a new log begins at sequence 1, and what was before is lost";
    CHECK(loss(true, true, false) == "though its journal has lines up to sequence 3" + rest);
    CHECK(loss(true, false, true) == "though its journal has lines up to sequence 3" + rest);
    CHECK(loss(false, true, false) == "though the key that signed it is there" + rest);
    CHECK(loss(false, false, false) == "");
  }

  TEST_CASE("a torn line behind a stop is not blamed on a crash alone (AT-41)") {
    LogPlace place;
    place.write_records(1);
    replace_text(place.settings.file, place.text() + R"({"sequence")");
    place.write_records(1);
    CHECK(std::ranges::count_if(place.said(), [](const std::string& said) {
            return contains(said, "a start which was cut short has left them, or somebody else");
          }) == 1);
  }

  TEST_CASE("a file that is not the host's alone is refused by name") {
    struct Case {
      std::string_view name;
      void (*prepare)(const fs::path& file);
      std::string_view why;
    };
    const Case cases[] = {
        {"readable by others", [](const fs::path& file) { ::chmod(file.c_str(), 0640); },
         "can be read or written by others; run chmod 600 on it"},
        {"a link",
         [](const fs::path& file) {
           fs::rename(file, file.native() + ".away");
           fs::create_symlink(file.native() + ".away", file);
         },
         "is a symbolic link; expected a regular file"},
        {"a pipe",
         [](const fs::path& file) {
           fs::remove(file);
           ::mkfifo(file.c_str(), 0600);
         },
         "is no regular file"},
    };
    for (const Case& sample : cases) {
      CAPTURE(sample.name);
      LogPlace place;
      place.write_records(1);
      sample.prepare(place.settings.file);
      CHECK(refusal(place) == "failed_precondition: audit file '" + place.settings.file.native() +
                                  "' " + std::string(sample.why));
    }
    LogPlace place;
    place.settings.file = place.directory.path() / "missing" / "audit.jsonl";
    CHECK(refusal(place) == "not_found: cannot make audit file '" + place.settings.file.native() +
                                "': No such file or directory");
  }

  TEST_CASE("a file of another user is refused") {
    LogPlace place;
    place.write_records(1);
    if (::chown(place.settings.file.c_str(), 12345, 12345) != 0) {
      MESSAGE("only root can give a file away");
      return;
    }
    CHECK(refusal(place) == "failed_precondition: audit file '" + place.settings.file.native() +
                                "' belongs to user 12345; expected this host's own user");
  }

  TEST_CASE("of two that write one log the second is refused (AT-41)") {
    LogPlace place;
    const auto log = place.open();
    CHECK(refusal(place) == "failed_precondition: audit file '" + place.settings.file.native() +
                                "' is being written by another process");
    append(*log);
    CHECK(place.fault() == "");
  }

  TEST_CASE("a file that is large enough is put away, and the chain goes on in the next") {
    LogPlace place;
    place.settings.rotate_bytes = 2000;
    {
      const auto log = place.open();
      for (int i = 0; i < 20; ++i) append(*log, "n" + std::to_string(i));
      CHECK(comes_true([&] { return rotated_audit_files(place.settings.file).size() >= 4; }));
    }
    CHECK(place.fault() == "");
    CHECK(place.verify().records == 20);
    CHECK(place.verify().first_sequence == 1);
    const auto rotated = rotated_audit_files(place.settings.file);
    CHECK(rotated[0].path == place.settings.file.native() + ".000000000001");
    for (const AuditPart& part : rotated) {
      const auto lines = LogPlace::lines_of(part.path);
      CHECK(contains(lines.back(), R"("reason":"rotation")"));
      CHECK(mode_of(part.path) == 0600);
      char name[32];
      std::snprintf(name, sizeof name, ".%012llu",
                    static_cast<unsigned long long>(part.first_sequence.value()));
      CHECK(part.path == place.settings.file.native() + name);
    }
    CHECK(contains(place.lines()[0], R"("reason":"file")"));
  }

  TEST_CASE("reopen() puts the file away, and leaves one without records") {
    LogPlace place;
    const auto log = place.open();
    for (int i = 0; i < 3; ++i) log->reopen();
    CHECK(rotated_audit_files(place.settings.file).empty());
    append(*log);
    for (int i = 0; i < 3; ++i) log->reopen();
    CHECK(rotated_audit_files(place.settings.file).size() == 1);
    append(*log);
    CHECK(place.fault() == "");
    CHECK(place.verify().records == 2);
  }

  TEST_CASE("a log that was put away elsewhere goes on in the file that stands in its place") {
    LogPlace place;
    const auto log = place.open();
    append(*log, "before");
    fs::rename(place.settings.file, place.settings.file.native() + ".1");
    place.directory.write("audit.jsonl", "");
    log->reopen();
    append(*log, "after");
    CHECK(contains(LogPlace::lines_of(place.settings.file.native() + ".1").back(),
                   R"("reason":"rotation")"));
    CHECK(place.fault() == "");
    CHECK(place.verify().records == 2);
  }

  TEST_CASE("a name that is taken keeps the file in its place, and it is written on") {
    LogPlace place;
    const auto log = place.open();
    append(*log);
    place.directory.write("audit.jsonl.000000000001", "");
    log->reopen();
    CHECK(!log->problem());
    CHECK(contains(place.said().back(), ".000000000001' is there already, so that audit file '" +
                                            place.settings.file.native() +
                                            "' cannot be put away under that name"));
    append(*log);
    CHECK(place.fault() == "");
  }

  TEST_CASE("a log that died between two files goes on behind the one that was put away") {
    LogPlace place;
    place.write_records(2);
    const std::uint64_t sequence = place.verify().head.sequence;
    const fs::path away = place.settings.file.native() + ".000000000001";
    fs::rename(place.settings.file, away);
    place.write_records(1);
    CHECK(contains(place.lines()[0], "{\"sequence\":" + std::to_string(sequence + 1) + ","));
    CHECK(place.fault() == "");
  }

  TEST_CASE("a new file is refused where another process still writes the one before it") {
    LogPlace place;
    const auto log = place.open();
    append(*log);
    fs::rename(place.settings.file, place.settings.file.native() + ".000000000001");
    CHECK(contains(refusal(place), ".000000000001' is being written by another process"));
  }
}
