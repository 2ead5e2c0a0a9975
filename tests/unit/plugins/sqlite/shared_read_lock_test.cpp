// SPDX-License-Identifier: Apache-2.0
#include "shared_read_lock.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "store_fixture.hpp"

namespace kist::sqlite::test {

namespace {

/// Of the locks that readers of a log take, SQLite's WAL_READ_LOCK(0) to (4): bytes 123 to 127 of
/// the -shm file (https://www.sqlite.org/walformat.html, "WAL Locks").
constexpr int kFirstReadLock = 123, kReadLocks = 5;

/// Looks whether anybody holds one. It must live longer than the store: to close the file gives all
/// locks of the process away.
class ReadLocks {
 public:
  explicit ReadLocks(const std::filesystem::path& database)
      : descriptor_(::open((database.native() + "-shm").c_str(), O_RDWR | O_CLOEXEC)) {
    REQUIRE(descriptor_ >= 0);
  }
  ReadLocks(const ReadLocks&) = delete;
  ReadLocks& operator=(const ReadLocks&) = delete;
  ~ReadLocks() { ::close(descriptor_); }

  bool are_held() const {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = kFirstReadLock;
    lock.l_len = kReadLocks;
    // Of the open file, not of the process, whose own locks would not count.
    REQUIRE(::fcntl(descriptor_, F_OFD_GETLK, &lock) == 0);
    return lock.l_type != F_UNLCK;
  }

 private:
  int descriptor_;
};

/// Tries every millisecond, for as long as nothing takes that will come.
bool comes_true(const std::function<bool()>& holds) {
  for (int i = 0; i < 20'000; ++i) {
    if (holds()) return true;
    ::poll(nullptr, 0, 1);
  }
  return false;
}

/// Reads until it is destroyed.
class Reader {
 public:
  explicit Reader(SqliteStore& store)
      : thread_([this, &store] {
          while (!ends_) {
            TestCall call;
            (void)store.get_secret(call, uuid(1));
          }
        }) {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() {
    ends_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> ends_ = false;
  std::thread thread_;
};

}  // namespace

TEST_CASE("a lock is held between reads that follow one another, and not when nobody reads") {
  const TemporaryDirectory directory;
  std::optional<ReadLocks> locks;
  const auto store = open_store(directory.file());
  TestCall call;
  (void)store->create_secret(call, make_secret(1, "one"));
  locks.emplace(directory.file());
  (void)store->get_secret(call, uuid(1));
  CHECK_FALSE(locks->are_held());  // One read is no reason.
  // Nobody is in a read while this looks.
  const auto is_held_behind_a_read = [&] {
    (void)store->get_secret(call, uuid(1));
    return locks->are_held();
  };
  CHECK(comes_true(is_held_behind_a_read));
  (void)store->create_secret(call, make_secret(2, "two"));
  CHECK_FALSE(locks->are_held());
  CHECK(comes_true(is_held_behind_a_read));
  CHECK(comes_true([&] { return !locks->are_held(); }));
}

TEST_CASE("readers see each write that came before them, of this process and of others") {
  const TemporaryDirectory directory;
  const auto store = open_store(directory.file());
  TestCall call;
  (void)store->create_secret(call, make_secret(1, "one"));
  const Reader reader(*store);
  Sql other(directory.file());
  for (std::int64_t round = 1; round <= 200; ++round) {
    SecretUpdate update = update_of(1);
    update.updated = time_at(2 * round);
    (void)store->update_secret(call, update);
    REQUIRE(store->get_secret(call, uuid(1)).updated == time_at(2 * round));
    other.run("UPDATE secrets SET updated = " + std::to_string(2 * round + 1));
    REQUIRE(store->get_secret(call, uuid(1)).updated == time_at(2 * round + 1));
  }
}

TEST_CASE("the log is moved into the database although the lock is held between writes") {
  const TemporaryDirectory directory;
  std::optional<ReadLocks> locks;
  const auto store = open_store(directory.file());
  TestCall call;
  (void)store->create_secret(call, make_secret(1, "one"));
  locks.emplace(directory.file());
  std::uintmax_t largest = 0, written = 0;
  constexpr std::uintmax_t kLogBytes = 16 << 20;  // With as much it is moved.
  for (std::uint64_t number = 2; written < 5 * kLogBytes; ++number) {
    Secret secret = make_secret(number, "secret " + std::to_string(number));
    secret.values.set("big", std::string(2 << 20, 'x'));
    REQUIRE(comes_true([&] {
      (void)store->get_secret(call, uuid(1));
      return locks->are_held();
    }));
    (void)store->create_secret(call, std::move(secret));
    written += 2 << 20;
    largest = std::max(largest, std::filesystem::file_size(directory.file("kist.db-wal")));
  }
  CHECK(largest < 2 * kLogBytes);
}

TEST_CASE("somebody else can empty the log while others read without end") {
  const TemporaryDirectory directory;
  const auto store = open_store(directory.file());
  TestCall call;
  (void)store->create_secret(call, make_secret(1, "one"));
  const Reader reader(*store);
  Sql other(directory.file());
  other.run("PRAGMA busy_timeout = 20000");
  other.run("PRAGMA wal_checkpoint(TRUNCATE)");
  CHECK(std::filesystem::file_size(directory.file("kist.db-wal")) == 0);
}

}  // namespace kist::sqlite::test
