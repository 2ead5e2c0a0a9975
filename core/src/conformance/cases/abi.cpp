// SPDX-License-Identifier: Apache-2.0
// The rules of the ABI that only show when the plugin runs. The host here is a RawHost, of a later
// version than any plugin: every struct that it passes is longer than the plugin knows.

#include <array>
#include <cstring>
#include <memory>

#include <doctest/doctest.h>

#include <kist/abi.hpp>

#include "process_gauge.hpp"
#include "raw_host.hpp"
#include "samples.hpp"

namespace kist::conformance {
namespace {

/// Bytes at the very end of what they own, so that ASan sees a read behind them, and which are
/// overwritten when they go.
class BorrowedBytes {
 public:
  explicit BorrowedBytes(std::string_view text)
      : bytes_(std::make_unique<char[]>(text.size())), size_(text.size()) {
    std::memcpy(bytes_.get(), text.data(), size_);
  }
  ~BorrowedBytes() {
    if (bytes_) std::memset(bytes_.get(), 0xDD, size_);
  }
  BorrowedBytes(BorrowedBytes&&) = default;
  kist_bytes view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_;
};

TEST_SUITE("abi") {
  TEST_CASE("KP-2: the entry point gives the same static data at each call") {
    RawHost host, other;
    const kist_plugin* const plugin = raw_entry()(host.table());
    REQUIRE(plugin != nullptr);
    CHECK(raw_entry()(host.table()) == plugin);
    CHECK(raw_entry()(other.table()) == plugin);
    CHECK(plugin->abi_major == KIST_ABI_MAJOR);
  }

  TEST_CASE("KP-7: structs that have grown in a later version are read as far as they are known") {
    const StoreHome home;
    const RawHost host;
    RawStore store(host, home);
    const Secret secret = secret_named("name", {{"k", "v"}, {"l", ""}});
    RawCall created, got, listed, updated, removed;
    CHECK(store.create(created, secret) == KIST_OK);
    CHECK(created.values == std::map<std::string, std::string>{{"k", "v"}, {"l", ""}});
    CHECK(store.get(got, secret.id) == KIST_OK);
    CHECK(text_of(got.record) == text_of(static_cast<const SecretMetadata&>(secret)));
    CHECK(got.values == created.values);
    CHECK(store.list(listed, list_all()) == KIST_OK);
    CHECK(listed.rows == std::vector<std::string>{"name"});
    kist_update_request update{};
    update.id = abi::uuid(secret.id);
    CHECK(store.update(updated, update) == KIST_OK);
    CHECK(updated.record.revision == 2);
    CHECK(store.remove(removed, secret.id) == KIST_OK);
  }

  TEST_CASE("KP-7: members that an older host does not pass read as zero") {
    const StoreHome home;
    const RawHost host;
    RawStore store(host, home);
    const Secret secret = secret_named("name");
    RawCall created, listed, removed;
    REQUIRE(store.create(created, secret) == KIST_OK);
    kist_list_request list = list_all();
    list.struct_size = offsetof(kist_list_request, after);
    const kist_record rubbish{};
    list.after = &rubbish;
    CHECK(store.table().list_secrets(store.handle(), listed.handle(), &list) == KIST_OK);
    CHECK(listed.rows.size() == 1);
    kist_delete_request remove{};
    remove.struct_size = offsetof(kist_delete_request, if_revision);
    remove.id = abi::uuid(secret.id);
    remove.if_revision = 77;
    CHECK(store.table().delete_secret(store.handle(), removed.handle(), &remove) == KIST_OK);
  }

  TEST_CASE("KP-5: what a store keeps it has copied") {
    const StoreHome home;
    const RawHost host;
    RawStore store(host, home);
    const Secret secret = secret_named("a name", {});
    {
      const BorrowedBytes name("a name"), key("a key"), value("a value");
      kist_record record = abi::record(secret);
      record.name = name.view();
      auto values = std::make_unique<kist_value[]>(1);
      values[0] = {key.view(), value.view(), 0, 0};
      kist_create_request request{sizeof(kist_create_request), 0, &record, values.get(), 1};
      RawCall call;
      REQUIRE(store.table().create_secret(store.handle(), call.handle(), &request) == KIST_OK);
      std::memset(&record, 0xDD, sizeof(record));
      std::memset(values.get(), 0xDD, sizeof(kist_value));
      std::memset(&request, 0xDD, sizeof(request));
    }
    {
      const BorrowedBytes name("another name"), key("b key"), value("b value");
      kist_value values[] = {{key.view(), value.view(), 0, 0}};
      kist_update_request request{};
      request.id = abi::uuid(secret.id);
      request.flags = KIST_UPDATE_NAME | KIST_UPDATE_VALUES;
      request.name = name.view();
      request.values = values;
      request.value_count = 1;
      RawCall call;
      REQUIRE(store.update(call, request) == KIST_OK);
      std::memset(values, 0xDD, sizeof(values));
    }
    RawCall got, listed;
    REQUIRE(store.get(got, secret.id) == KIST_OK);
    CHECK(got.record.name == "another name");
    CHECK(got.values ==
          std::map<std::string, std::string>{{"a key", "a value"}, {"b key", "b value"}});
    CHECK(store.list(listed, list_all()) == KIST_OK);
    CHECK(listed.rows == std::vector<std::string>{"another name"});
  }

  TEST_CASE("KP-8: unknown flags are passed over") {
    const StoreHome home;
    const RawHost host;
    RawStore store(host, home);
    const Secret secret = secret_named("name");
    constexpr std::uint32_t unknown = 0xFFFF'0000;
    const kist_record record = abi::record(secret);
    const kist_create_request create{sizeof(create), unknown, &record, nullptr, 0};
    const kist_get_request get{sizeof(get), unknown, abi::uuid(secret.id)};
    kist_update_request update{};
    update.flags = unknown;
    update.id = abi::uuid(secret.id);
    kist_list_request list = list_all();
    list.flags |= unknown;
    const kist_delete_request remove{sizeof(remove), unknown, abi::uuid(secret.id), 0};
    RawCall created, got, updated, listed, removed;
    CHECK(store.table().create_secret(store.handle(), created.handle(), &create) == KIST_OK);
    CHECK(store.table().get_secret(store.handle(), got.handle(), &get) == KIST_OK);
    CHECK(store.update(updated, update) == KIST_OK);
    CHECK(store.list(listed, list) == KIST_OK);
    CHECK(store.table().delete_secret(store.handle(), removed.handle(), &remove) == KIST_OK);
  }

  TEST_CASE("KP-8: unknown fields and operators are left to the host or answered unimplemented") {
    const StoreHome home;
    const RawHost host;
    RawStore store(host, home);
    const bool scans = (raw_type(host.table())->capabilities & KIST_CAP_SCAN) != 0;
    const Secret secret = secret_named("name");
    RawCall created;
    REQUIRE(store.create(created, secret) == KIST_OK);
    const kist_bytes text = abi::bytes("name");
    struct Case {
      std::uint32_t field, op, sort_field;
    };
    const Case cases[] = {{999, KIST_OP_EQUALS, KIST_FIELD_NAME},
                          {0, KIST_OP_EQUALS, KIST_FIELD_NAME},
                          {UINT32_MAX, KIST_OP_EQUALS, KIST_FIELD_NAME},
                          {KIST_FIELD_NAME, 999, KIST_FIELD_NAME},
                          {KIST_FIELD_NAME, 0, KIST_FIELD_NAME},
                          {KIST_FIELD_CREATED, KIST_OP_CONTAINS, KIST_FIELD_NAME},
                          {KIST_FIELD_NAME, KIST_OP_EQUALS, 999},
                          {KIST_FIELD_NAME, KIST_OP_EQUALS, 0}};
    for (const Case& unknown : cases) {
      CAPTURE(unknown.field);
      CAPTURE(unknown.op);
      CAPTURE(unknown.sort_field);
      const kist_condition condition{unknown.field, unknown.op, &text, 1, INT64_MIN, INT64_MAX};
      kist_list_request list = list_all();
      list.conditions = &condition;
      list.condition_count = 1;
      list.sort_field = unknown.sort_field;
      RawCall listed;
      const kist_status status = store.list(listed, list);
      CHECK(status == (scans ? KIST_OK : KIST_UNIMPLEMENTED));
      CHECK(listed.failed_with == status);
    }
    RawCall after;
    CHECK(store.list(after, list_all()) == KIST_OK);
    CHECK(after.rows.size() == 1);
  }

  TEST_CASE("KP-12: after KIST_ENOUGH no further row comes") {
    const StoreHome home;
    const RawHost host;
    RawStore store(host, home);
    constexpr std::size_t kRows = 5;
    for (std::size_t i = 0; i < kRows; ++i) {
      RawCall created;
      REQUIRE(store.create(created, secret_named("name " + std::to_string(i))) == KIST_OK);
    }
    for (std::size_t enough = 1; enough <= kRows; ++enough) {
      CAPTURE(enough);
      RawCall listed;
      listed.enough_after_rows = enough;
      CHECK(store.list(listed, list_all()) == KIST_OK);
      CHECK(listed.rows.size() == enough);
      CHECK(listed.rows_after_enough == 0);
    }
  }

  TEST_CASE("KP-8: an unknown extension is not there") {
    const StoreHome home;
    const RawHost host;
    RawStore store(host, home);
    if (!KIST_HAS(&store.table(), get_extension)) return;
    const std::vector<std::string> ids = {"", "kist.unknown/1", "kist.rekey/1 ", "kist.rekey/99"};
    for (const std::string& id : ids) {
      CAPTURE(id);
      CHECK(store.table().get_extension(store.handle(), id.c_str()) == nullptr);
    }
  }

  TEST_CASE("KP-17: a host without memory for a value makes resource_exhausted of the call") {
    const StoreHome home;
    const RawHost host;
    RawStore store(host, home);
    const Secret secret = secret_named("name");
    RawCall created, got, later;
    REQUIRE(store.create(created, secret) == KIST_OK);
    got.refuses_memory = true;
    CHECK(store.get(got, secret.id) == KIST_RESOURCE_EXHAUSTED);
    CHECK(got.values_reserved == 1);
    CHECK(store.get(later, secret.id) == KIST_OK);
    CHECK(later.values.size() == 2);
  }

  TEST_CASE("KP-29: a host that refuses a secret gets no values") {
    const StoreHome home;
    const RawHost host;
    RawStore store(host, home);
    const Secret secret = secret_named("name");
    RawCall created, got;
    REQUIRE(store.create(created, secret) == KIST_OK);
    got.answer_to_begin = KIST_CANCELLED;
    CHECK(store.get(got, secret.id) == KIST_CANCELLED);
    CHECK(got.values_reserved == 0);
  }

  TEST_CASE("ST-7: a list gives no values") {
    const StoreHome home;
    const RawHost host;
    RawStore store(host, home);
    RawCall created, listed;
    REQUIRE(store.create(created, secret_named("name")) == KIST_OK);
    CHECK(store.list(listed, list_all()) == KIST_OK);
    CHECK(listed.secrets_begun == 0);
    CHECK(listed.values_reserved == 0);
  }

  TEST_CASE("ST-17: a plugin gives up by itself, and does not leave it to the host") {
    const StoreHome home;
    const RawHost host;
    RawStore store(host, home);
    RawCall cancelled, late, listed;
    cancelled.is_cancelled = true;
    CHECK(store.create(cancelled, secret_named("cancelled")) == KIST_CANCELLED);
    late.deadline_ns = 1;
    CHECK(store.create(late, secret_named("late")) == KIST_DEADLINE_EXCEEDED);
    CHECK(store.list(listed, list_all()) == KIST_OK);
    CHECK(listed.rows.empty());
  }

  TEST_CASE("ST-18: no message and no line of the log holds a value") {
    constexpr std::string_view canary = "canary-4b1d72c6e90f";
    const StoreHome home;
    const RawHost host;
    RawStore store(host, home);
    const auto secret_with_canary = [&](std::string_view name) {
      return secret_named(name, {{"k", canary}});
    };
    const Secret secret = secret_with_canary("name"), other = secret_with_canary("other");
    RawCall created;
    REQUIRE(store.create(created, secret) == KIST_OK);
    REQUIRE(store.create(created, other) == KIST_OK);
    const auto fails = [&](kist_status expected, kist_status status, const RawCall& call) {
      CHECK(status == expected);
      CHECK(call.message.size() > 1);
      CAPTURE(call.message);
      CHECK(call.message.find(canary) == std::string::npos);
    };
    const kist_value values[] = {{abi::bytes("k"), abi::bytes(canary), 0, 0}};
    kist_update_request update{};
    update.flags = KIST_UPDATE_VALUES;
    update.values = values;
    update.value_count = 1;
    RawCall calls[6];
    fails(KIST_ALREADY_EXISTS, store.create(calls[0], secret_with_canary("name")), calls[0]);
    fails(KIST_ALREADY_EXISTS, store.create(calls[1], secret), calls[1]);
    fails(KIST_NOT_FOUND, store.update(calls[2], update), calls[2]);
    update.id = abi::uuid(secret.id);
    update.flags = KIST_UPDATE_VALUES | KIST_UPDATE_NAME;
    update.name = abi::bytes("other");
    fails(KIST_ALREADY_EXISTS, store.update(calls[3], update), calls[3]);
    update.flags = KIST_UPDATE_VALUES | KIST_UPDATE_IF_REVISION;
    update.if_revision = 9;
    fails(KIST_CONFLICT, store.update(calls[4], update), calls[4]);
    calls[5].is_cancelled = true;
    fails(KIST_CANCELLED, store.create(calls[5], secret_with_canary("new")), calls[5]);
    CHECK(host.log().find(canary) == std::string::npos);
  }

  TEST_CASE("KP-16: an open that has no time left returns, and leaves nothing behind") {
    const StoreHome home;
    const RawHost host;
    const ProcessGauge before = ProcessGauge::read();
    RawCall call;
    call.deadline_ns = 1;
    kist_open_request request{};
    request.struct_size = sizeof(request);
    kist_store* store = nullptr;
    // Its required options are not there either: it fails, for one reason or the other.
    const kist_status status =
        raw_type(host.table())->open(host.table(), call.handle(), &request, &store);
    CHECK((status == KIST_OK) == (store != nullptr));
    CHECK(call.failed_with == status);
    if (store != nullptr) raw_type(host.table())->table->close(store);
    CHECK(ProcessGauge::read() == before);
  }
}

}  // namespace
}  // namespace kist::conformance
