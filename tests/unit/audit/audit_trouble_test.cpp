// SPDX-License-Identifier: Apache-2.0
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "audit_fixture.hpp"
#include "faulty_disk.hpp"

using namespace kist::core;
using namespace kist::core::testing;
namespace fs = std::filesystem;

namespace {

bool append(AuditLog& log, const std::string& name = "n") {
  Waiter waiter;
  log.append(sample_record(name), waiter);
  const bool durable = waiter.wait();
  CHECK(waiter.calls() == 1);
  return durable;
}

bool is_well(const AuditLog& log) { return !log.problem(); }

/// A log that looks every few milliseconds whether it can write again.
struct EagerPlace : LogPlace {
  EagerPlace() { settings.look_time = std::chrono::milliseconds(2); }
};

/// A file system of its own, of 64 KiB. Not everybody may mount one.
class SmallDisk {
 public:
  explicit SmallDisk(const fs::path& at) : at_(at) {
    fs::create_directory(at);
    mounted_ = ::mount("tmpfs", at.c_str(), "tmpfs", 0, "size=64k,mode=0700") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(at_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool is_mounted() const { return mounted_; }

 private:
  fs::path at_;
  bool mounted_ = false;
};

}  // namespace

TEST_SUITE("core/audit/trouble") {
  TEST_CASE("a disk that fails fails the record, and the log heals by itself (AT-40)") {
    struct Case {
      int error;
      std::string_view words;
    };
    for (const Case& sample :
         {Case{EIO, "Input/output error"}, Case{EROFS, "Read-only file system"},
          Case{ENOSPC, "No space left on device"}}) {
      CAPTURE(sample.words);
      EagerPlace place;
      FaultyDisk disk;
      const auto log = place.open();
      REQUIRE(append(*log, "before"));
      disk.fail(sample.error);
      CHECK(!append(*log, "meanwhile"));
      CHECK(log->problem() == "cannot write audit file '" + place.settings.file.native() +
                                  "': " + std::string(sample.words));
      CHECK(!append(*log, "at once"));
      CHECK(log->counts().failures == 2);
      disk.mend();
      REQUIRE(comes_true([&] { return is_well(*log); }));
      CHECK(append(*log, "after"));
      CHECK(contains(place.text(), R"("reason":"recovered")"));
      CHECK(contains(place.text(), "\"before\""));
      CHECK(!contains(place.text(), "\"meanwhile\""));
      CHECK(contains(place.text(), "\"after\""));
      CHECK(place.fault() == "");
      CHECK(count_of(place.said(), "audit: cannot write audit file") == 1);
    }
  }

  TEST_CASE("a file that cannot grow ends with its last good line (AT-40)") {
    EagerPlace place;
    const auto log = place.open();
    REQUIRE(append(*log));
    const std::string before = place.text();
    {
      const FullDisk full;
      CHECK(!append(*log, "meanwhile"));
      CHECK(contains(*log->problem(), "File too large"));
      CHECK(place.text() == before);
    }
    REQUIRE(comes_true([&] { return is_well(*log); }));
    CHECK(append(*log));
    CHECK(place.fault() == "");
  }

  TEST_CASE("a full disk leaves no part of a line behind, and is noticed to be free (AT-40)") {
    EagerPlace place;
    const SmallDisk disk(place.directory.path() / "small");
    if (!disk.is_mounted()) {
      MESSAGE("this user cannot mount a tmpfs, so no real disk is filled");
      return;
    }
    const fs::path ballast = place.directory.path() / "small" / "ballast";
    std::ofstream(ballast) << std::string(20'000, 'b');
    place.settings.file = place.directory.path() / "small" / "audit.jsonl";
    const auto log = place.open();
    int good = 0;
    while (append(*log, std::string(100, 'x'))) ++good;
    CHECK(good > 20);
    CHECK(contains(*log->problem(), "No space left on device"));
    CHECK(place.text().ends_with("\"}\n"));
    CHECK(place.fault() == "");
    fs::remove(ballast);
    REQUIRE(comes_true([&] { return is_well(*log); }));
    CHECK(append(*log));
    CHECK(place.verify().records == static_cast<std::uint64_t>(good) + 1);
  }

  TEST_CASE("a disk that hangs fails records at their deadline, each once (AT-40)") {
    EagerPlace place;
    place.settings.deadline = std::chrono::milliseconds(30);
    FaultyDisk disk;
    const auto log = place.open();
    disk.hang();
    Waiter first, second;
    const auto start = std::chrono::steady_clock::now();
    log->append(sample_record("first"), first);
    disk.wait_for_hanging(1);
    log->append(sample_record("second"), second);
    CHECK(!first.wait());
    CHECK(std::chrono::steady_clock::now() - start >= place.settings.deadline);
    CHECK(!second.wait());
    CHECK(*log->problem() ==
          "audit file '" + place.settings.file.native() + "' has taken no record for 30 ms");
    Waiter third;
    log->append(sample_record("third"), third);
    CHECK(third.calls() == 1);
    CHECK(!third.wait());
    disk.mend();
    REQUIRE(comes_true([&] { return is_well(*log); }));
    CHECK(append(*log, "fourth"));
    CHECK(first.calls() == 1);
    CHECK(second.calls() == 1);
    CHECK(third.calls() == 1);
    CHECK(log->counts().failures == 3);
    CHECK(!contains(place.text(), "\"second\""));
    CHECK(!contains(place.text(), "\"third\""));
    CHECK(place.fault() == "");
  }

  TEST_CASE("a file that was taken away is noticed, and reopen() begins another (AT-40)") {
    struct Case {
      std::string_view name;
      void (*take)(const fs::path& file);
    };
    const Case cases[] = {
        {"deleted", [](const fs::path& file) { fs::remove(file); }},
        {"renamed", [](const fs::path& file) { fs::rename(file, file.native() + ".1"); }},
        {"replaced",
         [](const fs::path& file) {
           fs::rename(file, file.native() + ".1");
           std::ofstream(file) << "";
           fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
         }},
    };
    for (const Case& sample : cases) {
      CAPTURE(sample.name);
      LogPlace place;
      place.settings.look_time = std::chrono::hours(1);  // A record notices it too.
      const auto log = place.open();
      REQUIRE(append(*log, "before"));
      sample.take(place.settings.file);
      CHECK(!append(*log, "meanwhile"));
      CHECK(*log->problem() ==
            "audit file '" + place.settings.file.native() +
                "' was deleted, renamed or replaced while it was open; put it back, or send the "
                "host SIGHUP to begin a new one");
      log->reopen();
      CHECK(is_well(*log));
      CHECK(append(*log, "after"));
      const auto lines = place.lines();
      CHECK(contains(lines.at(0), R"("reason":"file")"));
      CHECK(contains(lines.at(1), "\"after\""));
      if (sample.name == "deleted") {
        CHECK(!contains(lines.at(0), R"("sequence":1,)"));
      } else {
        CHECK(place.fault() == "");
      }
    }
  }

  TEST_CASE(
      "AT-40: a file that somebody cuts or adds to in place is noticed, and no better by itself") {
    const auto cut = [](const fs::path& file) { fs::resize_file(file, 0); };
    const auto add = [](const fs::path& file) { std::ofstream(file, std::ios::app) << "{}\n"; };
    for (const auto& change : {std::function<void(const fs::path&)>(cut), {add}}) {
      LogPlace place;
      place.settings.look_time = std::chrono::hours(1);  // A record notices it too.
      const auto log = place.open();
      REQUIRE(append(*log, "before"));
      change(place.settings.file);
      CHECK(!append(*log, "meanwhile"));
      CHECK(*log->problem() ==
            "audit file '" + place.settings.file.native() +
                "' was cut or written to by somebody else while it was open; keep it for whoever "
                "looks into it, and send the host SIGHUP to begin a new one");
      const std::string evidence = place.text();
      CHECK(!append(*log, "later"));
      CHECK(place.text() == evidence);
      log->reopen();
      CHECK(is_well(*log));
      CHECK(append(*log, "after"));
      CHECK(place.fault() != "");
    }
  }

  TEST_CASE(
      "AT-40: what somebody has added stays where it is, however often the log is looked at") {
    EagerPlace place;
    const auto log = place.open();
    REQUIRE(append(*log, "before"));
    std::ofstream(place.settings.file, std::ios::app) << "{}\n";
    REQUIRE(comes_true([&] { return !is_well(*log); }));
    const std::string evidence = place.text();
    CHECK(evidence.ends_with("{}\n"));
    for (int i = 0; i < 20; ++i) {
      CHECK(!append(*log, "meanwhile"));
      ::poll(nullptr, 0, 3);  // Several looks.
    }
    CHECK(!is_well(*log));
    CHECK(place.text() == evidence);
    log->reopen();
    CHECK(append(*log, "after"));
    CHECK(text_of(audit_files(place.settings.file).front().path) == evidence);
  }

  TEST_CASE("a file without records that cannot be written is no better for reopen()") {
    LogPlace place;
    place.settings.look_time = std::chrono::hours(1);
    FaultyDisk disk;
    const auto log = place.open();
    disk.fail(EIO);
    CHECK(!append(*log));
    log->reopen();
    CHECK(!is_well(*log));
    disk.mend();
    log->reopen();
    CHECK(is_well(*log));
    CHECK(append(*log));
    CHECK(place.fault() == "");
  }

  TEST_CASE("a file that was taken away is noticed without a record, and when it is back") {
    EagerPlace place;
    const auto log = place.open();
    const fs::path away = place.directory.path() / "away";
    fs::rename(place.settings.file, away);
    CHECK(comes_true([&] { return !is_well(*log); }));
    fs::rename(away, place.settings.file);
    CHECK(comes_true([&] { return is_well(*log); }));
    CHECK(append(*log));
    CHECK(place.fault() == "");
  }
}
