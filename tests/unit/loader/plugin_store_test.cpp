// SPDX-License-Identifier: Apache-2.0
#include "loader/plugin_store.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <new>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <kist/abi.hpp>

#include "loaded_plugin.hpp"

namespace {

using namespace kist::core;
using namespace kist::test;

// A sanitizer keeps what was freed for a while.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KIST_TEST_IS_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define KIST_TEST_IS_SANITIZED
#endif
#endif
#if defined(KIST_TEST_IS_SANITIZED)
constexpr std::size_t kSparePages = 100'000;
#else
constexpr std::size_t kSparePages = 64;
#endif

constexpr const char* kPassword = "correct horse";

std::size_t entries_of(const char* directory) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(directory),
                                                std::filesystem::directory_iterator()));
}

std::size_t resident_pages() {
  std::size_t total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident;
}

OpenOption option(const char* name, OptionKind kind, std::string_view text) {
  return {name, kind, false, kist::SecretValue(text)};
}

}  // namespace

TEST_SUITE("core/loader/plugin_store") {
  TEST_CASE("a store of a plugin in C answers every operation") {
    RecordingHost& host = RecordingHost::make();
    const auto store = open("good/minimal", host.table);
    CHECK(store->manifest().type == "minimal");
    CHECK(store->image().manifest().id == "org.example.minimal");
    HostCall call;
    const kist::Secret created = store->create_secret(call, secret_of(3, "pin", "1234"));
    CHECK(created.id == uuid_of(3));
    CHECK(created.name == "a secret");
    const kist::Secret read = store->get_secret(call, uuid_of(5));
    CHECK(read.id == uuid_of(5));
    CHECK(read.revision == 1);
    CHECK(read.readable);
    REQUIRE(read.values.size() == 2);
    CHECK(read.values.find("password")->reveal() == kPassword);
    CHECK(read.values.find("user")->reveal() == "alice");
    kist::SecretUpdate update;
    update.id = uuid_of(6);
    CHECK(store->update_secret(call, update).id == uuid_of(6));
    CHECK_NOTHROW(store->delete_secret(call, uuid_of(6), 1));
    CHECK_NOTHROW(store->check_health(call));
  }

  TEST_CASE("the host filters, sorts and pages over a store that only scans") {
    RecordingHost& host = RecordingHost::make();
    const auto store = open("good/minimal", host.table);
    HostCall call;
    kist::ListQuery query;
    query.sort = kist::Field::name;
    query.descending = true;
    query.offset = 1;
    query.limit = 1;
    query.with_total = true;
    Rows rows;
    store->list_secrets(call, query, rows);
    REQUIRE(rows.rows.size() == 1);
    CHECK(rows.rows[0].name == "b");
    CHECK(rows.totals == std::vector<std::uint64_t>{3});
  }

  TEST_CASE("a store that queries by itself gets the whole query") {
    RecordingHost& host = RecordingHost::make();
    const auto store = open("good/native", host.table);
    HostCall call;
    kist::ListQuery query;
    query.visible.workspaces = {uuid_of(8), uuid_of(9)};
    query.visible.user_id = uuid_of(7);
    query.conditions = {{kist::Field::name, kist::Operator::one_of, {"first", "last"}, {}, {}},
                        {kist::Field::name, kist::Operator::one_of, {}, {}, {}},
                        {kist::Field::created,
                         kist::Operator::in_range,
                         {},
                         kist::abi::timestamp(5),
                         kist::abi::timestamp(6)}};
    query.match_any = query.descending = query.with_total = true;
    query.sort = kist::Field::updated;
    query.offset = 10;
    query.limit = 20;
    query.after.emplace().id = uuid_of(6);
    Rows rows;
    store->list_secrets(call, query, rows);
    CHECK(rows.totals == std::vector<std::uint64_t>{42});
    REQUIRE(rows.rows.size() == 5);
    CHECK(rows.rows[0].name == "last");
    CHECK(rows.rows[0].revision == 206);
    CHECK(rows.rows[1].name == "a condition");
    CHECK(rows.rows[2].revision == 607);
    CHECK(kist::abi::microseconds(rows.rows[2].created) == 5);
    CHECK(kist::abi::microseconds(rows.rows[2].updated) == 6);
    CHECK(rows.rows[4].workspace_id == uuid_of(9));
    CHECK(rows.rows[4].user_id == uuid_of(7));
    CHECK(rows.rows[4].id == uuid_of(6));
    CHECK(rows.rows[4].revision ==
          (KIST_LIST_MATCH_ANY | KIST_LIST_DESCENDING | KIST_LIST_WITH_TOTAL));
    CHECK(kist::abi::microseconds(rows.rows[4].created) == 10);
    CHECK(kist::abi::microseconds(rows.rows[4].updated) == 20);

    Rows none;
    store->list_secrets(call, {}, none);
    CHECK(none.rows.empty());
    Rows one;
    one.most = 1;
    store->list_secrets(call, query, one);
    CHECK(one.rows.size() == 1);
  }

  TEST_CASE("a store that goes on after it was told enough sends nothing more (KP-12, AT-23)") {
    RecordingHost& host = RecordingHost::make();
    const auto store = open("broken/list_without_end", host.table);
    HostCall call;
    Rows rows;
    rows.most = 10;
    kist::ListQuery query;
    query.with_total = true;
    store->list_secrets(call, query, rows);
    CHECK(rows.rows.size() == 10);
    CHECK(rows.totals == std::vector<std::uint64_t>{100000});
  }

  TEST_CASE("a row that does not hold together is listed with what is known of it (ST-9, AT-42)") {
    RecordingHost& host = RecordingHost::make();
    const auto store = open("broken/rows_damaged", host.table);
    HostCall call;
    Rows rows;
    store->list_secrets(call, {}, rows);
    const std::string names[] = {
        "scope", "", "caf\\xe9", "a\\x0a\\x1b[31mERROR", std::string(256, 'n'), "", "good"};
    REQUIRE(rows.rows.size() == std::size(names));
    for (std::uint8_t i = 0; i < std::size(names); ++i) {
      CAPTURE(i);
      CHECK(rows.rows[i].id == uuid_of(i));
      CHECK(rows.rows[i].name == names[i]);
      CHECK(rows.rows[i].readable == (names[i] == "good"));
      // A damaged `user` must not show as a `workspace`, which more people may see.
      CHECK(rows.rows[i].scope == (names[i] == "scope" ? kist::Scope{} : kist::Scope::workspace));
    }
  }

  TEST_CASE(
      "what a plugin throws stops in the plugin, whichever C++ runtime it has (KP-4, AT-23)") {
    struct Throw {
      const char *thrown, *message;
    };
    const Throw throws[] = {
        {"error", "unavailable: throws: no route to host"},
        {"exception", "internal: throws: a bug"},
        {"bad_alloc", "resource_exhausted: throws: out of memory"},
        {"int", "internal: throws: an exception of unknown type"},
        {"struct", "internal: throws: an exception of unknown type"},
    };
    for (const char* plugin : {"throws", "throws_static"}) {
      RecordingHost& host = RecordingHost::make();
      const auto image = load(std::string("broken/") + plugin, host.table);
      for (const Throw& c : throws) {
        CAPTURE(plugin);
        CAPTURE(c.thrown);
        HostCall call;
        const auto opened = [&](const char* at_open) {
          PluginStore::Settings settings;
          settings.options.push_back(option("thrown", OptionKind::string, c.thrown));
          settings.options.push_back(option("at_open", OptionKind::boolean, at_open));
          return PluginStore::open(image, "throws", host.table, call, settings);
        };
        CHECK(complaint([&] { opened("true"); }) == c.message);
        const auto store = opened("false");
        Rows rows;
        CHECK(complaint([&] { store->create_secret(call, secret_of(1, "a", "b")); }) == c.message);
        CHECK(complaint([&] { store->get_secret(call, uuid_of(1)); }) == c.message);
        CHECK(complaint([&] { store->list_secrets(call, {}, rows); }) == c.message);
        CHECK(complaint([&] { store->update_secret(call, {}); }) == c.message);
        CHECK(complaint([&] { store->delete_secret(call, uuid_of(1), {}); }) == c.message);
        CHECK(complaint([&] { store->check_health(call); }) == c.message);
      }
    }
  }

  TEST_CASE("a store that fails leaves the others serving (AT-23)") {
    RecordingHost& host = RecordingHost::make();
    const auto good = open("good/minimal", host.table);
    const auto bad = open("broken/two_secrets", host.table);
    HostCall call;
    for (int i = 0; i < 3; ++i) {
      CHECK(complaint([&] { bad->get_secret(call, uuid_of(1)); }) != "");
      CHECK(complaint([&] { good->get_secret(call, uuid_of(1)); }) == "");
    }
  }

  TEST_CASE(
      "an opening's error keeps the back-end's code and hint, and no configured secret (KP-15)") {
    RecordingHost& host = RecordingHost::make();
    try {
      open("broken/open_fails", host.table);
      FAIL("opened");
    } catch (const kist::Error& error) {
      CHECK(error.backend_code == "ECONNREFUSED");
      CHECK(error.retry_after == std::chrono::milliseconds(1500));
      CHECK(error.store_broken);
    }
    PluginStore::Settings settings;
    settings.options.push_back({"token", OptionKind::string, true, kist::SecretValue("s.token")});
    try {
      open("broken/open_reveals_option", host.table, std::move(settings));
      FAIL("opened");
    } catch (const kist::Error& error) {
      CHECK(std::string(error.what()) == "minimal: token '(redacted)' is wrong");
      CHECK(error.backend_code == "(redacted)");
    }
  }

  TEST_CASE(
      "what a plugin logs shows neither its configured secrets nor the values that pass (KP-15)") {
    RecordingHost& host = RecordingHost::make();
    PluginStore::Settings settings;
    settings.options.push_back({"token", OptionKind::string, true, kist::SecretValue("s.token")});
    const auto store = open("broken/log_reveals", host.table, std::move(settings));
    HostCall call;
    store->create_secret(call, secret_of(1, "pin", "hunter2hunter2"));
    const std::vector<std::string> said = {"3 opened with (redacted)", "3 still have (redacted)",
                                           "3 got (redacted)", "3 gave (redacted)"};
    CHECK(host.lines == said);
  }

  TEST_CASE("a store that changed the process while it opened is closed again (KP-14)") {
    RecordingHost& host = RecordingHost::make();
    CHECK(complaint([&] { open("broken/open_changes_state", host.table); }) != "");
    CHECK(host.lines == std::vector<std::string>{"2 closed"});
  }

  TEST_CASE("a serial store gets one call after the other (KP-10)") {
    RecordingHost& host = RecordingHost::make();
    const auto store = open("good/turns", host.table);
    std::atomic<int> served{0};
    std::vector<std::thread> threads;
    std::mutex mutex;
    std::vector<std::string> complaints;  // Guarded by mutex.
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 200; ++j) {
          HostCall call;
          const std::string message = complaint([&] { store->get_secret(call, uuid_of(1)); });
          if (message.empty()) {
            ++served;
          } else {
            const std::lock_guard lock(mutex);
            complaints.push_back(message);
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(served == 8 * 200);
    CHECK(complaints.empty());
  }

  TEST_CASE(
      "a call waits for its turn no longer than its deadline, or than its caller does (KP-10)") {
    std::mutex mutex;
    std::condition_variable changed;
    bool inside = false;                // Guarded by mutex.
    static HostTable* table = nullptr;  // Plugins keep it.
    table = new HostTable([&](std::int32_t, std::string_view) {
      const std::lock_guard lock(mutex);
      inside = true;
      changed.notify_one();
    });
    const auto store = open("good/turns", *table);
    HostCall first;
    std::string first_complaint;
    std::thread holder(
        [&] { first_complaint = complaint([&] { store->update_secret(first, {}); }); });
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return inside; });
    }
    HostCall late(std::chrono::nanoseconds(0));
    CHECK(complaint([&] { store->get_secret(late, uuid_of(1)); }) ==
          "deadline_exceeded: the deadline of the call has passed");
    HostCall given_up;
    given_up.cancel();
    CHECK(complaint([&] { store->check_health(given_up); }) == "cancelled: the call was cancelled");
    HostCall cancelled_later;
    std::string waiting_complaint;
    std::thread waiter([&] {
      waiting_complaint = complaint([&] { store->get_secret(cancelled_later, uuid_of(1)); });
    });
    cancelled_later.cancel();
    waiter.join();
    CHECK(waiting_complaint == "cancelled: the call was cancelled");

    first.cancel();
    holder.join();
    CHECK(first_complaint == "cancelled: minimal: the call was cancelled");
    HostCall call;
    CHECK_NOTHROW(store->get_secret(call, uuid_of(1)));
  }

  TEST_CASE(
      "a call that comes back late has its result: only a process of its own could be stopped "
      "(KP-11)") {
    RecordingHost& host = RecordingHost::make();
    const auto store = open("broken/late", host.table);
    HostCall call(std::chrono::milliseconds(1));
    CHECK(store->get_secret(call, uuid_of(1)).name == "a secret");
    CHECK(call.remaining().count() == 0);
  }

  TEST_CASE("opening and closing ten thousand times leaves nothing behind (KP-13, AT-24)") {
    RecordingHost& host = RecordingHost::make();
    const auto image = load("good/minimal", host.table);
    HostCall call;
    const auto open_and_close = [&](int times) {
      for (int i = 0; i < times; ++i)
        PluginStore::open(image, "minimal", host.table, call, {})->get_secret(call, uuid_of(1));
    };
    open_and_close(100);
    const std::size_t descriptors = entries_of("/proc/self/fd");
    const std::size_t threads = entries_of("/proc/self/task");
    const std::size_t pages = resident_pages();
    open_and_close(10'000);
    CHECK(entries_of("/proc/self/fd") == descriptors);
    CHECK(entries_of("/proc/self/task") == threads);
    CHECK(resident_pages() <= pages + kSparePages);
  }

  TEST_CASE(
      "a store that leaves its threads running is seen in the count of threads (KP-13, AT-23)") {
    RecordingHost& host = RecordingHost::make();
    const auto image = load("broken/leaks_thread", host.table);
    // ThreadSanitizer starts a thread of its own beside the first of the process.
    std::thread([] {}).join();
    const std::size_t threads = entries_of("/proc/self/task");
    HostCall call;
    for (int i = 0; i < 3; ++i) PluginStore::open(image, "minimal", host.table, call, {});
    CHECK(entries_of("/proc/self/task") == threads + 3);
  }

  TEST_CASE("whoever traces a store is told of each call, and where the host judged otherwise") {
    RecordingHost& host = RecordingHost::make();
    std::vector<std::string> lines;
    const auto traced = [&lines](const std::string& plugin, const HostTable& table) {
      PluginStore::Settings settings;
      settings.trace = [&lines](const TracedCall& call) {
        TracedCall told = call;
        CHECK(told.took.count() > 0);
        told.took = std::chrono::microseconds(1500);
        lines.push_back(describe(told));
      };
      return open(plugin, table, std::move(settings));
    };
    const std::string id = uuid_of(3).to_string();
    {
      const auto store = traced("good/minimal", host.table);
      HostCall call;
      store->create_secret(call, secret_of(3, "pin", "1234"));
      store->delete_secret(call, uuid_of(3), 1);
      Rows rows;
      store->list_secrets(call, {}, rows);
    }
    CHECK(lines == std::vector<std::string>{
                       "minimal: open: ok in 1.500 ms",
                       "minimal: create_secret " + id +
                           ": ok in 1.500 ms, took 1 value of 7 bytes, gave 2 values of 30 bytes",
                       "minimal: delete_secret " + id + ": ok in 1.500 ms",
                       "minimal: list_secrets: ok in 1.500 ms, sent 3 rows",
                       "minimal: close: ok in 1.500 ms"});

    lines.clear();
    HostCall call;
    const auto broken = traced("broken/fails_then_ok", host.table);
    CHECK_THROWS_AS(broken->get_secret(call, uuid_of(3)), kist::Error);
    REQUIRE(lines.size() == 2);
    CHECK(lines[1].starts_with("minimal: get_secret " + id + ": internal (returned ok) in "));
  }

  TEST_CASE("a trace that cannot be kept costs no call") {
    RecordingHost& host = RecordingHost::make();
    PluginStore::Settings settings;
    settings.trace = [](const TracedCall&) { throw std::bad_alloc(); };
    const auto store = open("good/minimal", host.table, std::move(settings));
    HostCall call;
    CHECK(store->get_secret(call, uuid_of(5)).id == uuid_of(5));
  }
}
