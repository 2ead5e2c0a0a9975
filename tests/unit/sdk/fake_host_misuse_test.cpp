// SPDX-License-Identifier: Apache-2.0
// What a plugin does wrong with the fake host: each misuse is a sentence that a test can look for.

#include <string_view>

#include <doctest/doctest.h>

#include <kist/fake_host.hpp>

#define BROKEN_PLUGINS(PLUGIN)                                                                   \
  PLUGIN(another_secret, get, "KP-29: the secret is not the one that was asked for")             \
  PLUGIN(commits_nothing, get, "KP-29: it committed a value that it had not reserved")           \
  PLUGIN(commits_too_much, get, "KP-29: it committed more bytes than it had reserved")           \
  PLUGIN(fails_with_ok, get, "KP-17: it failed with a code that is none")                        \
  PLUGIN(key_empty, get, "KP-29: a key of the secret is not 1 to 255 bytes without NUL")         \
  PLUGIN(key_too_long, get, "KP-29: a key of the secret is not 1 to 255 bytes without NUL")      \
  PLUGIN(key_twice, get, "KP-29: the keys of the secret are not in ascending order")             \
  PLUGIN(keys_out_of_order, get, "KP-29: the keys of the secret are not in ascending order")     \
  PLUGIN(name_empty, get, "KP-29: a name is not 1 to 1020 bytes long")                           \
  PLUGIN(ok_without_secret, get, "KP-29: it returned success without a whole secret")            \
  PLUGIN(open_fails_with_store, none, "it opened without a store, or failed with one")           \
  PLUGIN(open_fails_without_reason, none, "KP-29: it failed without a reason")                   \
  PLUGIN(open_without_store, none, "it opened without a store, or failed with one")              \
  PLUGIN(other_thread, get, "KP-9: it called the host for this call from another thread")        \
  PLUGIN(record_null, get, "KP-29: it sent no record")                                           \
  PLUGIN(reserves_twice, get, "KP-29: it reserved a value before the last one was committed")    \
  PLUGIN(row_null, list, "KP-29: it sent no record")                                             \
  PLUGIN(rows_for_get, get, "KP-29: it sent a row in a call that has none")                      \
  PLUGIN(scope_unknown, get, "KP-29: a scope is neither workspace nor user")                     \
  PLUGIN(secret_for_delete, remove, "KP-29: it began a secret in a call that has none")          \
  PLUGIN(status_unknown, get, "KP-29: it failed without a reason")                               \
  PLUGIN(total_for_get, get, "KP-29: it gave a total in a call that has none")                   \
  PLUGIN(total_missing, list, "KP-29: it returned success without the total that was asked for") \
  PLUGIN(two_secrets, get, "KP-29: it began a second secret")                                    \
  PLUGIN(value_before_secret, get, "KP-29: it reserved a value before it began a secret")        \
  PLUGIN(value_not_committed, get, "KP-29: it returned success without a whole secret")

extern "C" {
#define DECLARED(name, operation, misuse) kist_plugin_entry broken_##name;
BROKEN_PLUGINS(DECLARED)
}

namespace kist {
namespace {

enum class Operation { none, get, list, remove };

void run(const FakeStore& store, Operation operation) {
  ListQuery query;
  query.with_total = true;
  if (operation == Operation::get) store.get(fake_secret(1, "").id);
  if (operation == Operation::list) store.list(query);
  if (operation == Operation::remove) store.remove(fake_secret(1, "").id);
}

/// A call without a plugin, in which the test itself misuses the host.
class OwnCall {
 public:
  explicit OwnCall(int owes) : given_(kist_fake_call_begin(&call_, owes)) {}
  OwnCall(const OwnCall&) = delete;
  OwnCall& operator=(const OwnCall&) = delete;
  ~OwnCall() {
    kist_fake_call_end(&call_, KIST_OK);
    kist_fake_call_free(&call_);
  }
  kist_call* get() const { return given_; }

 private:
  kist_fake_call call_{};
  kist_call* given_;
};

TEST_SUITE("sdk/fake_host") {
  TEST_CASE("each misuse of a broken plugin is recorded, and fails the call") {
    constexpr struct {
      std::string_view name;
      kist_plugin_entry* entry;
      Operation operation;
      std::string_view misuse;
    } plugins[] = {
#define ROW(name, operation, misuse) {#name, broken_##name, Operation::operation, misuse},
        BROKEN_PLUGINS(ROW)};
    for (const auto& plugin : plugins) {
      CAPTURE(plugin.name);
      const FakeHost host;
      CHECK(host.misuse() == "");
      try {
        run(host.open(plugin.entry, "minimal"), plugin.operation);
        FAIL_CHECK("the call has not failed");
      } catch (const Error& error) {
        CHECK(error.code == ErrorCode::internal);
        CHECK(error.message() == plugin.misuse);
      }
      CHECK(host.misuse() == plugin.misuse);
    }
  }

  TEST_CASE("a row after enough and a second total are misuses") {
    const kist_record row = kist_fake_record(1, "first");
    const FakeHost host;
    {
      const OwnCall call(KIST_FAKE_OWES_ROWS);
      host->enough_after = 1;
      CHECK(host->table.list_item(call.get(), &row) == KIST_ENOUGH);
      CHECK(host.misuse() == "");
      CHECK(host->table.list_item(call.get(), &row) == KIST_INTERNAL);
      CHECK(host.misuse() == "KP-12: it sent a row after KIST_ENOUGH");
    }
    const FakeHost next;
    const OwnCall call(KIST_FAKE_OWES_TOTAL);
    CHECK(next->table.list_total(call.get(), 1) == KIST_OK);
    CHECK(next.misuse() == "");
    CHECK(next->table.list_total(call.get(), 1) == KIST_INTERNAL);
    CHECK(next.misuse() == "KP-29: it gave a second total");
  }

  TEST_CASE("a call that fails returns the code that it gave to fail()") {
    constexpr struct {
      kist_status returned;
      std::string_view misuse;
    } rows[] = {{KIST_CORRUPT, ""},
                {KIST_OK, "KP-29: it returned success after the call had failed"},
                {KIST_NOT_FOUND, "KP-29: it returned another code than it failed with"}};
    for (const auto& row : rows) {
      CAPTURE(row.returned);
      const FakeHost host;
      kist_fake_call call{};
      kist_call* const given = kist_fake_call_begin(&call, KIST_FAKE_OWES_NOTHING);
      CHECK(host->table.fail(given, KIST_CORRUPT, nullptr) == KIST_CORRUPT);
      CHECK(host->table.fail(given, KIST_UNAVAILABLE, nullptr) == KIST_CORRUPT);
      CHECK(kist_fake_call_end(&call, row.returned) ==
            (row.misuse.empty() ? KIST_CORRUPT : KIST_INTERNAL));
      CHECK(host.misuse() == row.misuse);
      kist_fake_call_free(&call);
    }
  }

  TEST_CASE("what is written before a failure is dropped") {
    const kist_record row = kist_fake_record(1, "first");
    const FakeHost host;
    kist_fake_call call{};
    kist_call* const given = kist_fake_call_begin(&call, KIST_FAKE_OWES_ROWS);
    CHECK(host->table.list_item(given, &row) == KIST_OK);
    CHECK(host->table.fail(given, KIST_CORRUPT, nullptr) == KIST_CORRUPT);
    CHECK(host->table.list_item(given, &row) == KIST_CORRUPT);
    CHECK(kist_fake_call_end(&call, KIST_CORRUPT) == KIST_CORRUPT);
    CHECK(call.row_count == 0);
    CHECK(host.misuse() == "");
    kist_fake_call_free(&call);
  }

  TEST_CASE("a call that does not run any more is none") {
    const char* const misuse = "KP-9: it called the host for a call that does not run";
    kist_fake_call call{};
    {
      const FakeHost host;
      CHECK(host->table.is_cancelled(nullptr) == 1);
      CHECK(host.misuse() == misuse);
    }
    const FakeHost host;
    kist_call* const given = kist_fake_call_begin(&call, KIST_FAKE_OWES_NOTHING);
    CHECK(host->table.is_cancelled(given) == 0);
    kist_fake_call_end(&call, KIST_OK);
    CHECK(host.misuse() == "");
    CHECK(host->table.cancel_fd(given) == -1);
    CHECK(host.misuse() == misuse);
    kist_fake_call_free(&call);
  }

  TEST_CASE("memory is given back once, with the size that it has") {
    {
      const FakeHost host;
      void* const memory = host->table.secure_alloc(8);
      CHECK(host.secure_blocks() == 1);
      host->table.secure_free(memory, 7);
      CHECK(host.misuse() == "KP-6: it freed memory with a size that it has not");
      CHECK(host.secure_blocks() == 0);
    }
    const FakeHost host;
    void* const memory = host->table.secure_alloc(0);
    CHECK(memory != nullptr);
    CHECK(host->table.secure_alloc(SIZE_MAX) == nullptr);
    host->table.secure_free(memory, 0);
    host->table.secure_free(nullptr, 8);
    CHECK(host.misuse() == "");
    host->table.secure_free(memory, 0);
    CHECK(host.misuse() == "KP-6: it freed what secure_alloc had not given, or a second time");
    CHECK(host.secure_blocks() == 0);
  }

  TEST_CASE("a line at a level that is none is a misuse, and kept") {
    const FakeHost host;
    host->table.log(&host->table, KIST_LOG_ERROR, kist_fake_text("good"));
    CHECK(host.misuse() == "");
    host->table.log(&host->table, 5, kist_fake_text("bad"));
    CHECK(host.misuse() == "it logged for another host, or at a level that is none");
    CHECK(host.logs().size() == 2);
  }

  TEST_CASE("the first of several misuses is told") {
    const FakeHost host;
    host->table.is_cancelled(nullptr);
    host->table.log(nullptr, KIST_LOG_INFO, kist_fake_text("lost"));
    CHECK(host.misuse() == "KP-9: it called the host for a call that does not run");
  }
}

}  // namespace
}  // namespace kist
