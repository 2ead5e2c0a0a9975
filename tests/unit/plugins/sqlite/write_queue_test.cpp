// SPDX-License-Identifier: Apache-2.0
#include "write_queue.hpp"

#include <sys/wait.h>

#include <latch>
#include <set>
#include <thread>

#include "secret_rows.hpp"
#include "store_fixture.hpp"

namespace kist::sqlite::test {

namespace {

struct Opened {
  TemporaryDirectory directory;
  std::unique_ptr<SqliteStore> store = open_store(directory.file());
  TestCall call;
};

void on_threads(std::size_t count, const std::function<void(std::size_t)>& body) {
  std::latch start(static_cast<std::ptrdiff_t>(count));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      body(i);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

TEST_SUITE("plugins/sqlite/write_queue") {
  TEST_CASE_FIXTURE(Opened, "sixteen threads write at once, and each gets its own answer") {
    std::atomic<int> created = 0, taken = 0;
    on_threads(16, [&](std::size_t thread) {
      TestCall own;
      for (std::size_t i = 0; i < 50; ++i) {
        const std::size_t number = 1 + thread * 1000 + i;
        store->create_secret(own, make_secret(number, "n" + std::to_string(number)));
        // One name for all threads: a failure in a group must not touch the others.
        try {
          store->create_secret(own, make_secret(100'000 + number, "shared" + std::to_string(i)));
          ++created;
        } catch (const Error& error) {
          if (error.code == ErrorCode::already_exists) ++taken;
        }
      }
    });
    CHECK(created == 50);
    CHECK(taken == 750);
    ListQuery query;
    query.with_total = true;
    const RowCollector all = list(*store, query);
    CHECK(all.counted == 850);
    CHECK(all.rows.size() == 850);
  }

  TEST_CASE_FIXTURE(Opened, "patches of different keys by many threads all survive") {
    store->create_secret(call, make_secret(1, "name"));
    on_threads(16, [&](std::size_t thread) {
      TestCall own;
      for (std::size_t i = 0; i < 10; ++i) {
        SecretUpdate update = update_of(1);
        update.values.emplace().set(std::to_string(thread) + "." + std::to_string(i), "x");
        store->update_secret(own, update);
      }
    });
    const Secret secret = store->get_secret(call, uuid(1));
    CHECK(secret.values.size() == 161);
    CHECK(secret.revision == 161);
  }

  TEST_CASE_FIXTURE(Opened, "of writers that know the same revision, one wins") {
    store->create_secret(call, make_secret(1, "name"));
    std::atomic<int> won = 0, lost = 0;
    on_threads(16, [&](std::size_t) {
      TestCall own;
      SecretUpdate update = update_of(1);
      update.if_revision = 1;
      try {
        store->update_secret(own, update);
        ++won;
      } catch (const Error& error) {
        if (error.code == ErrorCode::conflict) ++lost;
      }
    });
    CHECK(won == 1);
    CHECK(lost == 15);
  }

  TEST_CASE_FIXTURE(Opened, "while another process holds the lock, a write ends with its call") {
    Sql other(directory.file());
    other.run("BEGIN IMMEDIATE");
    std::vector<std::string> codes(8);
    const auto start = std::chrono::steady_clock::now();
    on_threads(8, [&](std::size_t i) {
      TestCall own(std::chrono::milliseconds(i < 4 ? 100 : 60'000));
      if (i >= 4) own.cancel();
      const std::uint64_t number = 1 + i;
      codes[i] = to_string(error_of([&] {
                             store->create_secret(own, make_secret(number, std::to_string(number)));
                           }).code);
    });
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::milliseconds(350));
    for (std::size_t i = 0; i < 8; ++i)
      CHECK(codes[i] == (i < 4 ? "deadline_exceeded" : "cancelled"));
    other.run("ROLLBACK");
    CHECK_NOTHROW(store->create_secret(call, make_secret(1, "name")));
    CHECK(list(*store, {}).rows.size() == 1);
  }

  TEST_CASE("a write that waited busy_timeout_ms is told that the store is unavailable") {
    const TemporaryDirectory directory;
    SqliteConfig config = config_for(directory.file());
    config.busy_timeout = std::chrono::milliseconds(20);
    const auto store = open_store(config);
    Sql other(directory.file());
    other.run("BEGIN IMMEDIATE");
    TestCall call;
    const Error error = error_of([&] { store->create_secret(call, make_secret(1, "name")); });
    CHECK(to_string(error.code) == "unavailable");
    CHECK(error.backend_code == "SQLITE_BUSY");
    CHECK(error.retry_after.count() > 0);
    other.run("ROLLBACK");
    CHECK_NOTHROW(store->create_secret(call, make_secret(1, "name")));
  }

  TEST_CASE_FIXTURE(Opened, "writes that come while one runs share its transaction") {
    std::latch leader_is_in(1);
    WriteQueue queue(std::make_unique<Connection>(
        ConnectionSettings{prepare_database_file(directory.file()), std::chrono::seconds(30), 1024},
        Access::write, call));
    std::atomic<int> waiting = 0;
    std::thread leader([&] {
      TestCall own;
      queue.run(own, [&](Connection& connection) {
        insert_secret(connection, make_secret(1, "a"), ValuesBlob({}));
        leader_is_in.count_down();
        while (waiting < 3) std::this_thread::yield();
      });
    });
    leader_is_in.wait();
    std::set<std::thread::id> ran_on;
    on_threads(3, [&](std::size_t i) {
      TestCall own;
      ++waiting;
      queue.run(own, [&](Connection& connection) {
        ran_on.insert(std::this_thread::get_id());
        insert_secret(connection, make_secret(2 + i, std::to_string(i)), ValuesBlob({}));
      });
    });
    leader.join();
    CHECK(list(*store, {}).rows.size() == 4);
  }

  TEST_CASE_FIXTURE(Opened, "if the transaction is lost, all in it fail") {
    WriteQueue queue(std::make_unique<Connection>(
        ConnectionSettings{prepare_database_file(directory.file()), std::chrono::seconds(30), 1024},
        Access::write, call));
    const Error error = error_of([&] {
      queue.run(call, [&](Connection& connection) {
        insert_secret(connection, make_secret(1, "a"), ValuesBlob({}));
        connection.rollback();
        throw Error(ErrorCode::resource_exhausted, "no room");
      });
    });
    CHECK(error.message() == "no room");
    CHECK(list(*store, {}).rows.empty());
    CHECK_NOTHROW(queue.run(call, [&](Connection& connection) {
      insert_secret(connection, make_secret(1, "a"), ValuesBlob({}));
    }));
    CHECK(list(*store, {}).rows.size() == 1);
  }
}

}  // namespace kist::sqlite::test
