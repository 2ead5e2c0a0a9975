// SPDX-License-Identifier: Apache-2.0
#include "loader/abi_call.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <string>
#include <thread>

#include <doctest/doctest.h>

#include <kist/abi.hpp>

#include "loaded_plugin.hpp"
#include "loader/abi_query.hpp"

namespace {

using namespace kist::core;
using namespace kist::test;
using Owed = kist_call::Owed;

/// A call as a plugin sees it: through the table.
struct PluginSide {
  explicit PluginSide(Owed owed) : call(circumstances, owed) {}

  kist_status begin(std::string_view name = "a secret") {
    kist::SecretMetadata metadata;
    metadata.id = uuid_of(1);
    metadata.name = name;
    const kist_record record = kist::abi::record(metadata);
    return host.secret_begin(&call, &record);
  }
  void* reserve(std::string_view key, std::size_t size) {
    return host.value_reserve(&call, kist::abi::bytes(key), size);
  }
  kist_status send(std::string_view key, std::string_view value) {
    void* const memory = reserve(key, value.size());
    if (memory == nullptr) return KIST_RESOURCE_EXHAUSTED;
    if (!value.empty()) std::memcpy(memory, value.data(), value.size());
    return host.value_commit(&call, value.size());
  }
  kist_status row(std::uint8_t id) {
    kist::SecretMetadata metadata;
    metadata.id = uuid_of(id);
    metadata.name = "a secret";
    const kist_record record = kist::abi::record(metadata);
    return host.list_item(&call, &record);
  }
  kist_status fail(kist_status code, std::string_view message) {
    kist_error error{};
    error.struct_size = sizeof(error);
    error.message = kist::abi::bytes(message);
    return host.fail(&call, code, &error);
  }
  std::string finish(kist_status status) {
    return complaint([&] { call.finish(status, "dir"); });
  }

  HostCall circumstances;
  HostTable table{{}};
  const kist_host& host = table;
  kist_call call;
};

std::string broke(const std::string& rule) {
  return "internal: dir: the store broke a rule of the ABI: " + rule;
}

/// What is left of an error message when these values pass in its call.
std::string shown(std::string_view message, std::initializer_list<std::string_view> secrets) {
  PluginSide side(Owed::nothing);
  for (const std::string_view secret : secrets) side.call.keep_from_messages(secret);
  side.fail(KIST_INTERNAL, message);
  const std::string text = side.finish(KIST_INTERNAL);
  return text.substr(std::string("internal: dir: ").size());
}

struct ThrowingSink final : kist::ListSink {
  bool item(const kist::SecretMetadata&) override {
    throw kist::Error(kist::ErrorCode::resource_exhausted, "the page is full");
  }
  void total(std::uint64_t) override { throw std::bad_alloc(); }
};

}  // namespace

TEST_SUITE("core/loader/abi_call") {
  TEST_CASE("a secret is taken as the plugin gives it, of any value's size from 0 on") {
    PluginSide side(Owed::secret);
    CHECK(side.begin() == KIST_OK);
    CHECK(side.send("a", "") == KIST_OK);
    CHECK(side.send("b", std::string("\0\xff", 2)) == KIST_OK);
    void* const memory = side.reserve("c", 100);
    REQUIRE(memory != nullptr);
    std::memcpy(memory, "short", 5);
    CHECK(side.host.value_commit(&side.call, 5) == KIST_OK);
    CHECK(side.finish(KIST_OK) == "");
    const kist::Secret secret = side.call.take_secret();
    CHECK(secret.id == uuid_of(1));
    CHECK(secret.name == "a secret");
    REQUIRE(secret.values.size() == 3);
    CHECK(secret.values.find("a")->reveal() == "");
    CHECK(secret.values.find("b")->reveal() == std::string_view("\0\xff", 2));
    CHECK(secret.values.find("c")->reveal() == "short");
  }

  TEST_CASE("a secret has at most 1,000 keys and 1 MiB, and one past either is refused (KP-29)") {
    const std::string too_large =
        "resource_exhausted: dir: the secret is larger than 1048576 bytes or has more than 1000 "
        "keys";
    PluginSide keys(Owed::secret);
    keys.begin();
    for (int i = 1000; i < 2000; ++i) CHECK(keys.send(std::to_string(i), "") == KIST_OK);
    CHECK(keys.reserve("2000", 0) == nullptr);
    CHECK(keys.finish(KIST_RESOURCE_EXHAUSTED) == too_large);

    constexpr std::size_t all = 1024 * 1024;
    PluginSide bytes(Owed::secret);
    bytes.begin();
    CHECK(bytes.send("a", std::string(all - 3, 'x')) == KIST_OK);
    CHECK(bytes.send("b", "x") == KIST_OK);
    CHECK(bytes.finish(KIST_OK) == "");
    CHECK(bytes.reserve("c", 0) == nullptr);
    CHECK(bytes.finish(KIST_OK) == broke("KP-29: it returned success after the call had failed"));

    for (const std::size_t size : {all, SIZE_MAX, SIZE_MAX - 1, std::size_t{1} << 63}) {
      PluginSide side(Owed::secret);
      side.begin();
      CHECK(side.reserve("a", size) == nullptr);
      CHECK(side.finish(KIST_RESOURCE_EXHAUSTED) == too_large);
    }
  }

  TEST_CASE("the first rule that a call broke is the one that is told") {
    PluginSide side(Owed::secret);
    CHECK(side.host.value_commit(&side.call, 0) == KIST_INTERNAL);
    CHECK(side.begin() == KIST_OK);
    CHECK(side.begin() == KIST_INTERNAL);
    CHECK(side.finish(KIST_OK) == broke("KP-29: it committed a value that it had not reserved"));
    CHECK(side.finish(KIST_NOT_FOUND) ==
          broke("KP-29: it committed a value that it had not reserved"));
  }

  TEST_CASE("a failed call gives the store's name, code, reason, and hints") {
    PluginSide side(Owed::secret);
    kist_error error{};
    error.struct_size = sizeof(error);
    error.flags = KIST_ERROR_STORE_BROKEN;
    error.message = kist::abi::bytes("the disk is gone");
    error.backend_code = kist::abi::bytes("EIO\n");
    error.retry_after_ms = 1500;
    CHECK(side.host.fail(&side.call, KIST_UNAVAILABLE, &error) == KIST_UNAVAILABLE);
    CHECK(side.fail(KIST_NOT_FOUND, "something else") == KIST_UNAVAILABLE);
    try {
      side.call.finish(KIST_UNAVAILABLE, "dir");
      FAIL("no error");
    } catch (const kist::Error& thrown) {
      CHECK(std::string(thrown.what()) == "dir: the disk is gone");
      CHECK(thrown.code == kist::ErrorCode::unavailable);
      CHECK(thrown.backend_code == "EIO\\x0a");
      CHECK(thrown.retry_after == std::chrono::milliseconds(1500));
      CHECK(thrown.store_broken);
    }
  }

  TEST_CASE("a status that nobody knows, and a failure with none, read as internal (KP-8)") {
    for (const kist_status status : {17, 99, +KIST_ENOUGH, 101, -1, INT32_MIN, INT32_MAX}) {
      PluginSide side(Owed::nothing);
      CHECK(side.finish(status) ==
            "internal: dir: the store gave no reason (status " + std::to_string(status) + ")");
      PluginSide with_reason(Owed::nothing);
      CHECK(with_reason.fail(status, "why") == KIST_INTERNAL);
      CHECK(with_reason.finish(status) == "internal: dir: why");
    }
    for (kist_status status = KIST_NOT_FOUND; status <= KIST_INTERNAL; ++status) {
      PluginSide side(Owed::nothing);
      CHECK(side.fail(status, "why") == status);
      CHECK(side.finish(status) ==
            std::string(to_string(static_cast<kist::ErrorCode>(status))) + ": dir: why");
    }
  }

  TEST_CASE("values that pass in a call are not in its message, whole or in part (KP-15)") {
    CHECK(shown("wrong: hunter2", {"hunter2"}) == "wrong: (redacted)");
    CHECK(shown("hunter2hunter2", {"hunter2"}) == "(redacted)");
    CHECK(shown("hunter2 and hunter2", {"hunter2"}) == "(redacted) and (redacted)");
    CHECK(shown("abc is no secret", {"abc", ""}) == "abc is no secret");
    CHECK(shown("abcd is one", {"abcd"}) == "(redacted) is one");
    // One value in the other, in either order, and two that overlap.
    CHECK(shown("[secret-long]", {"secret-long", "secret"}) == "[(redacted)]");
    CHECK(shown("[secret-long]", {"secret", "secret-long"}) == "[(redacted)]");
    CHECK(shown("[aaaabbbbcccc]", {"aaaabbbb", "bbbbcccc"}) == "[(redacted)]");
    // The word that stands for a value may be one.
    CHECK(shown("[redacted]", {"redacted"}) == "[(redacted)]");
    CHECK(shown("[(redacted)]", {"(redacted)"}) == "[(redacted)]");
    CHECK(shown("line\nbreak", {"line\nbreak"}) == "(redacted)");
  }

  TEST_CASE("a message is cut after 1,024 bytes, and no value shows at the cut (KP-15)") {
    const std::string start(1020, 'm');
    CHECK(shown(start + "abcdef", {}) == start + "abcd…");
    CHECK(shown(start + "hunter2", {"hunter2"}) == start + "(red…");
    CHECK(shown(start.substr(20) + "hunter2hunter2", {"hunter2"}) ==
          start.substr(20) + "(redacted)");
    CHECK(shown(std::string(1024, 'm'), {}) == std::string(1024, 'm'));
    const std::string large(1 << 20, 's');
    CHECK(shown("[" + large + "]", {large}) == "[(redacted)…");
    CHECK(shown(start + "abcäö", {}) == start + "abc…");
    CHECK(shown("hunter2" + large, {"hunter2"}) == "(redacted)" + std::string(1014, 's') + "…");
  }

  TEST_CASE("rows go to the sink until it has enough, then no more (KP-12)") {
    PluginSide side(Owed::rows);
    Rows rows;
    rows.most = 2;
    side.call.send_rows_to(rows, false);
    CHECK(side.row(1) == KIST_OK);
    CHECK(side.row(2) == KIST_ENOUGH);
    CHECK(side.row(3) == KIST_ENOUGH);
    CHECK(side.host.list_total(&side.call, 9) == KIST_OK);
    CHECK(side.finish(KIST_OK) == "");
    CHECK(rows.rows.size() == 2);
    CHECK(rows.totals == std::vector<std::uint64_t>{9});
  }

  TEST_CASE("rows after a failure are dropped") {
    PluginSide side(Owed::rows);
    Rows rows;
    side.call.send_rows_to(rows, false);
    side.fail(KIST_UNAVAILABLE, "gone");
    CHECK(side.row(1) == KIST_UNAVAILABLE);
    CHECK(side.host.list_total(&side.call, 9) == KIST_UNAVAILABLE);
    CHECK(rows.rows.empty());
    CHECK(rows.totals.empty());
  }

  TEST_CASE("what the host itself throws fails the call and does not pass through the plugin") {
    ThrowingSink sink;
    PluginSide side(Owed::rows);
    side.call.send_rows_to(sink, false);
    CHECK(side.row(1) == KIST_RESOURCE_EXHAUSTED);
    CHECK(side.finish(KIST_RESOURCE_EXHAUSTED) == "resource_exhausted: dir: the page is full");
    PluginSide total(Owed::rows);
    total.call.send_rows_to(sink, false);
    CHECK(total.host.list_total(&total.call, 1) == KIST_RESOURCE_EXHAUSTED);
    CHECK(total.finish(KIST_RESOURCE_EXHAUSTED) == "resource_exhausted: dir: out of memory");
  }

  TEST_CASE("[call] services refuse another thread, and the call is lost (KP-9)") {
    Rows rows;
    PluginSide side(Owed::rows);
    side.call.send_rows_to(rows, false);
    std::thread other([&] {
      CHECK(side.row(1) == KIST_INTERNAL);
      CHECK(side.begin() == KIST_INTERNAL);
      CHECK(side.reserve("a", 1) == nullptr);
      CHECK(side.host.value_commit(&side.call, 1) == KIST_INTERNAL);
      CHECK(side.host.list_total(&side.call, 1) == KIST_INTERNAL);
      CHECK(side.fail(KIST_NOT_FOUND, "x") == KIST_INTERNAL);
      CHECK(side.host.is_cancelled(&side.call) == 0);  // [any]
    });
    CHECK(side.host.deadline_ns(&side.call) == INT64_MAX);
    other.join();
    CHECK(rows.rows.empty());
    CHECK(rows.totals.empty());
    CHECK(side.finish(KIST_OK) ==
          broke("KP-9: it called the host for this call from another thread"));
  }

  TEST_CASE("the table says what the host is, and has every member") {
    const HostTable table{{}};
    const kist_host& host = table;
    CHECK(host.struct_size == sizeof(kist_host));
    CHECK(host.abi_minor == KIST_ABI_MINOR);
    CHECK(std::string(host.name) == "kist");
    CHECK(KIST_HAS(&host, get_service));
    CHECK(host.get_service(&host, "kist.http/1") == nullptr);
    void* const memory = host.secure_alloc(0);
    CHECK(memory != nullptr);
    host.secure_free(memory, 0);
    host.secure_free(nullptr, 8);
    CHECK(host.secure_alloc(SIZE_MAX) == nullptr);
  }

  TEST_CASE(
      "a line of a plugin's log is one line, and a log that fails does not reach the plugin "
      "(AT-42)") {
    RecordingHost& host = RecordingHost::make();
    const kist_host& table = host.table;
    table.log(&table, KIST_LOG_WARNING, kist::abi::bytes("a\n\x1b[31mb\xff"));
    table.log(&table, 77, {nullptr, 5});
    table.log(&table, KIST_LOG_INFO, kist::abi::bytes(std::string(1 << 20, 'x')));
    REQUIRE(host.lines.size() == 3);
    CHECK(host.lines[0] == "3 a\\x0a\\x1b[31mb\\xff");
    CHECK(host.lines[1] == "77 ");
    CHECK(host.lines[2] == "2 " + std::string(1024, 'x') + "…");
    const HostTable none{{}};
    none.log(&none, KIST_LOG_INFO, kist::abi::bytes("unheard"));
    const HostTable broken{[](std::int32_t, std::string_view) { throw std::bad_alloc(); }};
    broken.log(&broken, KIST_LOG_INFO, kist::abi::bytes("unheard"));
  }
}
