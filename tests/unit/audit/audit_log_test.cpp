// SPDX-License-Identifier: Apache-2.0
#include "audit/audit_log.hpp"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "audit_fixture.hpp"
#include "faulty_disk.hpp"

using namespace kist::core;
using namespace kist::core::testing;

TEST_SUITE("core/audit/audit_log") {
  TEST_CASE("a record is in the file when its waiter is told so (AT-40)") {
    LogPlace place;
    const auto log = place.open();
    for (int i = 0; i < 20; ++i) {
      Waiter waiter;
      log->append(sample_record("secret-" + std::to_string(i)), waiter);
      CHECK(waiter.wait());
      CHECK(contains(place.text(), "\"secret-" + std::to_string(i) + "\""));
      CHECK(waiter.calls() == 1);
    }
    CHECK(log->counts().records == 20);
    CHECK(log->counts().failures == 0);
    CHECK(!log->problem());
  }

  TEST_CASE("a log begins and ends with a checkpoint, and says the head of each") {
    LogPlace place;
    place.write_records(2);
    const auto lines = place.lines();
    REQUIRE(lines.size() == 4);
    CHECK(contains(lines[0], R"("sequence":1,)"));
    CHECK(contains(lines[0], R"("kind":"checkpoint","reason":"start")"));
    CHECK(contains(lines[1], R"("kind":"record")"));
    CHECK(contains(lines[3], R"("kind":"checkpoint","reason":"stop")"));
    CHECK(place.fault() == "");
    const AuditVerification result = place.verify();
    CHECK(result.records == 2);
    CHECK(result.checkpoints == 2);
    CHECK(result.since_checkpoint == 0);
    const auto said = place.said();
    REQUIRE(said.size() == 2);
    CHECK(said[1] == "audit: checkpoint 4:" + std::string(text_of(result.head.hash)));
  }

  TEST_CASE("a log that is opened again goes on with its chain") {
    LogPlace place;
    for (int i = 0; i < 3; ++i) place.write_records(2);
    CHECK(place.fault() == "");
    CHECK(place.verify().records == 6);
    CHECK(place.verify().head.sequence == 12);
  }

  TEST_CASE("a checkpoint comes behind a number of records") {
    LogPlace place;
    place.settings.checkpoint_records = 5;
    const auto log = place.open();
    for (int i = 0; i < 11; ++i) {
      Waiter waiter;
      log->append(sample_record(), waiter);
      REQUIRE(waiter.wait());
    }
    const auto lines = place.lines();
    REQUIRE(lines.size() == 14);
    CHECK(contains(lines[6], R"("reason":"records")"));
    CHECK(contains(lines[12], R"("reason":"records")"));
    CHECK(place.fault() == "");
  }

  TEST_CASE("a checkpoint comes some time behind a record, and none without one") {
    LogPlace place;
    place.settings.checkpoint_time = place.settings.look_time = std::chrono::milliseconds(1);
    const auto log = place.open();
    Waiter waiter;
    log->append(sample_record(), waiter);
    REQUIRE(waiter.wait());
    REQUIRE(comes_true([&] { return place.lines().size() == 3; }));
    CHECK(contains(place.lines()[2], R"("reason":"time")"));
    Waiter next;
    log->append(sample_record(), next);
    REQUIRE(next.wait());
    REQUIRE(comes_true([&] { return place.lines().size() == 5; }));
    CHECK(comes_true([&] { return log->counts().syncs == 5; }));
  }

  TEST_CASE("records that come while the disk is busy share the next sync") {
    LogPlace place;
    FaultyDisk disk;
    const auto log = place.open();
    disk.hang();
    Waiter first;
    log->append(sample_record(), first);
    disk.wait_for_hanging(1);
    std::deque<Waiter> others(500);
    for (Waiter& waiter : others) log->append(sample_record(), waiter);
    const auto syncs = log->counts().syncs;
    disk.mend();
    CHECK(first.wait());
    for (Waiter& waiter : others) CHECK(waiter.wait());
    CHECK(comes_true([&] { return log->counts().syncs == syncs + 2; }));
    CHECK(log->counts().records == 501);
    CHECK(place.fault() == "");
  }

  TEST_CASE("records of many threads are all there, each once, in one chain") {
    LogPlace place;
    place.settings.checkpoint_records = 100;
    constexpr int threads = 4, each = 500;
    {
      const auto log = place.open();
      std::atomic<int> good{0};
      std::vector<std::thread> writers;
      for (int t = 0; t < threads; ++t)
        writers.emplace_back([&, t] {
          std::deque<Waiter> waiters(each);
          for (int i = 0; i < each; ++i)
            log->append(sample_record(std::to_string(t) + "-" + std::to_string(i)),
                        waiters[static_cast<std::size_t>(i)]);
          for (Waiter& waiter : waiters) good += waiter.wait() ? 1 : 0;
        });
      for (std::thread& writer : writers) writer.join();
      CHECK(good == threads * each);
    }
    CHECK(place.fault() == "");
    CHECK(place.verify().records == threads * each);
    const std::string text = place.text();
    for (int t = 0; t < threads; ++t) {
      for (int i = 0; i < each; i += 99)
        CHECK(contains(text, "\"" + std::to_string(t) + "-" + std::to_string(i) + "\""));
    }
  }

  TEST_CASE("what was taken is written before the log is closed") {
    LogPlace place;
    FaultyDisk disk;
    std::deque<Waiter> waiters(100);
    auto log = place.open();
    disk.hang();
    for (Waiter& waiter : waiters) log->append(sample_record(), waiter);
    disk.wait_for_hanging(1);
    std::thread closer([&] { log.reset(); });
    disk.mend();
    closer.join();
    for (Waiter& waiter : waiters) {
      CHECK(waiter.calls() == 1);
      CHECK(waiter.wait());
    }
    CHECK(place.verify().records == 100);
  }

  TEST_CASE("past its limit the queue takes no record, and says so at once") {
    LogPlace place;
    FaultyDisk disk;
    place.settings.deadline = std::chrono::minutes(5);
    const auto log = place.open();
    disk.hang();
    Waiter first;
    log->append(sample_record(), first);
    disk.wait_for_hanging(1);
    std::deque<Waiter> queued(kAuditQueueMax);
    for (Waiter& waiter : queued) log->append(sample_record(), waiter);
    CHECK(queued.back().calls() == 0);
    Waiter beyond;
    log->append(sample_record(), beyond);
    CHECK(beyond.calls() == 1);
    CHECK(!beyond.wait());
    CHECK(log->counts().failures == 1);
    disk.mend();
    CHECK(first.wait());
    CHECK(queued.front().wait());
    CHECK(queued.back().wait());
  }

  TEST_CASE("files are for their owner alone, whatever the umask") {
    LogPlace place;
    const Umask umask(0);
    place.write_records(1);
    CHECK(mode_of(place.settings.file) == 0600);
    CHECK(mode_of(place.directory.path() / "kist-audit-key.pem") == 0600);
    CHECK(mode_of(place.directory.path() / "kist-audit-key.pub.pem") == 0644);
  }
}
