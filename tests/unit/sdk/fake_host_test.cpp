// SPDX-License-Identifier: Apache-2.0
// The fake host with stores that keep the rules: the memory store, which this program is linked
// with, and plugins in C under names of their own.

#include <cstddef>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <kist/fake_host.hpp>

#include "empty_store.hpp"

extern "C" {
kist_plugin_entry good_minimal, good_native, good_turns, good_future, broken_open_fails,
    broken_cannot_serve, broken_reserves_size_max, broken_fails_twice;
}

namespace kist {
namespace {

FakeStore memory_store(const FakeHost& host) { return host.open("memory", {{"max_secrets", "3"}}); }

/// The Error of `call`, which must throw one.
template <class Call>
Error error_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  FAIL("the call has not failed");
  return {ErrorCode::internal, ""};
}

TEST_SUITE("sdk/fake_host") {
  TEST_CASE("a secret is created, read, listed, changed and removed") {
    const FakeHost host;
    {
      const FakeStore store = memory_store(host);
      CHECK(store.create(fake_secret(1, "first", {{"user", "app"}, {"empty", ""}})).revision == 1);
      const Secret read = store.get(fake_secret(1, "").id);
      CHECK(read.name == "first");
      CHECK(read.values.size() == 2);
      CHECK(read.values.find("user")->reveal() == "app");

      SecretUpdate update;
      update.id = read.id;
      update.name = "renamed";
      update.scope = Scope::user;
      update.if_revision = 1;
      update.updated = abi::timestamp(7);
      update.values.emplace().set("new", "value");
      update.values->remove("empty");
      const Secret changed = store.update(update);
      CHECK(changed.name == "renamed");
      CHECK(changed.scope == Scope::user);
      CHECK(changed.updated == abi::timestamp(7));
      CHECK(changed.revision == 2);
      CHECK(changed.values.size() == 2);
      CHECK(error_of([&] { store.update(update); }).code == ErrorCode::conflict);
      update.if_revision.reset();
      update.values.emplace().set("only", "");
      update.replace_values = true;
      CHECK(store.update(update).values.size() == 1);

      const FakeListing listing = store.list();
      REQUIRE(listing.rows.size() == 1);
      CHECK(listing.rows[0].name == "renamed");
      CHECK_FALSE(listing.total);
      CHECK(error_of([&] { store.remove(read.id, 1); }).code == ErrorCode::conflict);
      store.remove(read.id, 3);
      CHECK(store.list().rows.empty());
      store.check_health();
    }
    CHECK(host.misuse() == "");
    CHECK(host.secure_blocks() == 0);
  }

  TEST_CASE("what a store holds of secure_alloc is counted until it is closed") {
    const FakeHost host;
    {
      const FakeStore store = memory_store(host);
      store.create(fake_secret(1, "first", {{"user", "app"}}));
      CHECK(host.secure_blocks() > 0);
    }
    CHECK(host.secure_blocks() == 0);
  }

  TEST_CASE("a failed call is an Error with all that the store said") {
    const FakeHost host;
    const Error error = error_of([&] { host.open(broken_open_fails, ""); });
    CHECK(error.code == ErrorCode::failed_precondition);
    const Error refused = error_of([&] { host.open(broken_open_fails, "minimal"); });
    CHECK(refused.code == ErrorCode::unavailable);
    CHECK(refused.message() == "cannot reach 'db.example': connection refused");
    CHECK(refused.backend_code == "ECONNREFUSED");
    CHECK(refused.retry_after.count() == 1500);
    CHECK(refused.store_broken);

    const FakeStore store = memory_store(host);
    store.create(fake_secret(1, "first"));
    const Error taken = error_of([&] { store.create(fake_secret(2, "first")); });
    CHECK(taken.code == ErrorCode::already_exists);
    CHECK(taken.message() == "a secret named 'first' exists in the workspace scope");

    const FakeStore twice = host.open(broken_fails_twice, "minimal");
    CHECK(error_of([&] { twice.get({}); }).message() == "there is no such secret");
    CHECK(host.misuse() == "");
  }

  TEST_CASE("a plugin that does not serve the host, or has no such type, is a failed open") {
    const FakeHost host;
    CHECK(error_of([&] { host.open(broken_cannot_serve, "minimal"); }).message() ==
          "the plugin does not serve this host");
    CHECK(error_of([&] { host.open("sqlite"); }).message() ==
          "the plugin has no store type of this name");
    CHECK(host.misuse() == "");
  }

  TEST_CASE("the table is whole, and a test may cut it until the next host") {
    {
      const FakeHost host;
      const kist_host& table = host->table;
      CHECK(table.struct_size == sizeof(kist_host));
      CHECK(table.abi_minor == KIST_ABI_MINOR);
      const auto* const members = reinterpret_cast<void* const*>(&table);
      for (std::size_t i = offsetof(kist_host, name) / sizeof(void*);
           i < sizeof(table) / sizeof(void*); ++i)
        CHECK(members[i] != nullptr);
      CHECK(table.get_service(&table, "kist.http/1") == nullptr);

      host->table.list_total = nullptr;
      CHECK(error_of([&] { memory_store(host); }).code == ErrorCode::failed_precondition);
    }
    {
      const FakeHost host;
      host->table.struct_size = offsetof(kist_host, list_total);
      CHECK(error_of([&] { memory_store(host); }).code == ErrorCode::failed_precondition);
    }
    const FakeHost host;
    memory_store(host);
  }

  TEST_CASE("what a listing asks for reaches the store") {
    const FakeHost host;
    const FakeStore store = host.open(good_native, "minimal");
    ListQuery query;
    query.conditions.push_back({Field::name, Operator::one_of, {"a", "b"}, {}, {}});
    query.visible.workspaces.emplace().push_back(fake_secret(8, "").id);
    query.visible.user_id = fake_secret(9, "").id;
    query.after = fake_secret(7, "after");
    query.offset = 3;
    query.limit = 4;
    query.match_any = query.descending = query.with_total = true;
    const FakeListing listing = store.list(query);
    REQUIRE(listing.rows.size() == 2);
    CHECK(listing.total == 42);
    CHECK(listing.rows[0].name == "b");
    CHECK(listing.rows[0].revision == KIST_FIELD_NAME * 100 + KIST_OP_ONE_OF);
    CHECK(listing.rows[1].id == query.after->id);
    CHECK(listing.rows[1].workspace_id == query.visible.workspaces->front());
    CHECK(listing.rows[1].user_id == *query.visible.user_id);
    CHECK(listing.rows[1].created == abi::timestamp(3));
    CHECK(listing.rows[1].updated == abi::timestamp(4));
    CHECK(listing.rows[1].revision ==
          (KIST_LIST_MATCH_ANY | KIST_LIST_DESCENDING | KIST_LIST_WITH_TOTAL));
    CHECK(host.misuse() == "");
  }

  TEST_CASE("a listing has enough when the test says so") {
    const FakeHost host;
    const FakeStore store = host.open(good_minimal, "minimal");
    CHECK(store.list().rows.size() == 3);
    host->enough_after = 2;
    CHECK(store.list().rows.size() == 2);
    CHECK(host.misuse() == "");
  }

  TEST_CASE("structs of a later version are read as far as they are known") {
    const FakeHost host;
    const FakeStore store = host.open(good_future, "future");
    CHECK(store.get(fake_secret(1, "").id).values.find("user")->reveal() == "alice");
    CHECK(store.list().rows.at(0).id.bytes[0] == 7);
    CHECK(host.misuse() == "");
  }

  TEST_CASE("the allocation that is named fails, and no other") {
    const FakeHost host;
    const FakeStore store = memory_store(host);
    store.create(fake_secret(1, "first", {{"user", "app"}, {"password", "x"}}));
    std::size_t failures = 0;
    for (host->fail_allocation = 1;; host->fail_allocation = ++failures + 1) {
      try {
        store.get(fake_secret(1, "").id);
        break;
      } catch (const Error& error) {
        CHECK(error.code == ErrorCode::resource_exhausted);
        CHECK(host->fail_allocation == 0);
      }
    }
    CHECK(failures >= 3);  // The store's copy, and the two values.
    CHECK(host->fail_allocation == 1);
    CHECK(host.misuse() == "");
  }

  TEST_CASE("a value that no host takes gets no memory") {
    const FakeHost host;
    const FakeStore store = host.open(broken_reserves_size_max, "minimal");
    CHECK(error_of([&] { store.get({}); }).code == ErrorCode::resource_exhausted);
    CHECK(host.misuse() == "");
  }

  TEST_CASE("a call is cancelled at the turn that is named, and its time may be up") {
    const FakeHost host;
    const FakeStore store = memory_store(host);
    store.create(fake_secret(1, "first"));
    store.create(fake_secret(2, "second"));
    for (const std::size_t turn : {1u, 3u, 5u}) {  // A scan asks before each row, and sends it.
      host->cancel_at = turn;
      CHECK(error_of([&] { store.list(); }).code == ErrorCode::cancelled);
    }
    host->cancel_at = 1000;
    CHECK(store.list().rows.size() == 2);
    host->deadline_ns = 1;
    CHECK(error_of([&] { store.get(fake_secret(1, "").id); }).code == ErrorCode::deadline_exceeded);
    host->deadline_ns = 0;
    store.get(fake_secret(1, "").id);
    CHECK(host.misuse() == "");
  }

  TEST_CASE("a store that waits for the descriptor is woken by a cancel from another thread") {
    const FakeHost host;
    const FakeStore store = host.open(good_turns, "minimal");
    std::thread caller([&] {
      CHECK(error_of([&] { store.update({}); }).code == ErrorCode::cancelled);
      CHECK(error_of([&] { store.update({}); }).code == ErrorCode::cancelled);
    });
    while (host.logs().empty()) std::this_thread::yield();
    host.cancel();
    caller.join();
    CHECK(host.logs() == std::vector<std::string>{"waiting", "waiting"});
    CHECK(host.misuse() == "");
  }

  TEST_CASE("a concurrent store is called on many threads") {
    const FakeHost host;
    const FakeStore store = memory_store(host);
    store.create(fake_secret(1, "first", {{"user", "app"}}));
    std::vector<std::thread> callers;
    for (int i = 0; i < 4; ++i) {
      callers.emplace_back([&] {
        for (int turn = 0; turn < 50; ++turn)
          CHECK(store.get(fake_secret(1, "").id).values.find("user")->reveal() == "app");
      });
    }
    for (std::thread& caller : callers) caller.join();
    CHECK(host.misuse() == "");
  }

  struct LoggingConfig : SecretsStoreConfiguration {
    std::string root;
    static constexpr auto fields =
        kist::fields(kist::field<&LoggingConfig::root>("root", "A text.").required());
  };
  class LoggingStore final : public testing::EmptyStore<LoggingConfig> {
   public:
    void initialize(Call&) override {
      log_info("opened " + config().root + " of " + deployment_id().to_string());
    }
    WriteResult insert(Call&, const Secret&) override { return WriteResult::done; }
  };

  TEST_CASE("a store is opened by its class alone, with options and a deployment") {
    const FakeHost host;
    host->deployment_id = abi::uuid(fake_secret(5, "").id);
    const FakeStore store = host.open<LoggingStore>({{"root", "there"}});
    CHECK(store.create(fake_secret(1, "first")).name == "first");
    CHECK(host.logs() ==
          std::vector<std::string>{"opened there of 00000000-0000-0000-0000-000000000005"});
    CHECK(host->lines[0].level == KIST_LOG_INFO);
    CHECK(error_of([&] { host.open<LoggingStore>(); }).code == ErrorCode::invalid_argument);
    const FakeHost next;
    CHECK(next.logs().empty());
  }
}

}  // namespace
}  // namespace kist
