// SPDX-License-Identifier: Apache-2.0
// Hosts older and newer than the plugin. Each struct that they pass ends where a page ends behind
// which nothing is mapped: a plugin that reads past `struct_size` is ended by SIGSEGV.

#include <cstddef>
#include <cstring>
#include <vector>

#include <doctest/doctest.h>

#include <kist/abi.hpp>

#include "guarded_memory.hpp"
#include "raw_host.hpp"
#include "samples.hpp"

namespace kist::conformance {
namespace {

void pass_over(const kist_host*, int32_t, kist_bytes) noexcept {}
const void* no_service(const kist_host*, const char*) noexcept { return nullptr; }

/// A whole table that can be copied: none of its functions looks at where it stands.
kist_host host_table() {
  const RawHost host;
  kist_host table = *host.table();
  table.struct_size = sizeof(table);
  table.abi_minor = KIST_ABI_MINOR;
  table.log = pass_over;
  return table;
}

void check_answered(kist_status status, const RawCall& call) {
  CHECK((status == KIST_OK || call.failed_with == status));
}

/// Does what such a host would do with the plugin. False: the plugin refused, politely.
bool serves(const kist_host* host) {
  if (raw_type(host) == nullptr) return false;
  const StoreHome home;
  RawCall opening;
  kist_store* opened = nullptr;
  if (raw_open(host, home, opening, &opened) != KIST_OK) {
    CHECK(opened == nullptr);
    return false;
  }
  raw_type(host)->table->close(opened);
  RawStore store(host, home);
  const Secret secret = secret_named("name");
  RawCall created, got, updated, listed, removed;
  CHECK(store.create(created, secret) == KIST_OK);
  CHECK(store.get(got, secret.id) == KIST_OK);
  CHECK(got.values.size() == 2);
  kist_update_request update{};
  update.id = abi::uuid(secret.id);
  CHECK(store.update(updated, update) == KIST_OK);
  CHECK(store.list(listed, list_all()) == KIST_OK);
  CHECK(listed.rows.size() == 1);
  CHECK(store.remove(removed, secret.id) == KIST_OK);
  return true;
}

/// Calls `call` with the first bytes of `request`, at every size from its `struct_size` alone up at
/// which no number and no pointer is cut in two: no host has half a member.
template <class Request, class Call>
void with_every_cut(const Request& request, Call call) {
  for (std::size_t size = sizeof(request.struct_size); size <= sizeof(Request);
       size += size < 8 ? 4 : 8) {
    CAPTURE(size);
    const CutStruct<Request> cut(request, size);
    RawCall circumstances;
    check_answered(call(circumstances.handle(), cut.get()), circumstances);
  }
}

/// A store with one secret, which must be as it was when all is done.
struct KeptSecret {
  KeptSecret() {
    RawCall call;
    REQUIRE(store.create(call, secret) == KIST_OK);
  }
  void check() {
    RawCall call;
    CHECK(store.get(call, secret.id) == KIST_OK);
    CHECK(call.values.size() == secret.values.size());
  }

  StoreHome home;
  RawHost host;
  RawStore store{host, home};
  const Secret secret = secret_named("kept");
};

TEST_SUITE("hosts") {
  TEST_CASE("KP-7: an older host is served or refused at every size, and read no further") {
    const kist_host whole = host_table();
    for (std::size_t size = sizeof(whole.struct_size); size <= sizeof(whole); size += 4) {
      CAPTURE(size);
      const CutStruct<kist_host> cut(whole, size);
      const bool is_served = serves(cut.get());
      if (size <= offsetof(kist_host, fail)) CHECK(!is_served);
      if (size == sizeof(whole)) CHECK(is_served);
    }
  }

  TEST_CASE("KP-7: a host that lacks a member is served or refused") {
    for (std::size_t at = offsetof(kist_host, name); at < sizeof(kist_host); at += sizeof(void*)) {
      CAPTURE(at);
      kist_host table = host_table();
      std::memset(reinterpret_cast<unsigned char*>(&table) + at, 0, sizeof(void*));
      const CutStruct<kist_host> lacking(table, sizeof(table));
      serves(lacking.get());
    }
  }

  TEST_CASE("KP-7: a host without optional services is served") {
    kist_host table = host_table();
    SUBCASE("it has no function to ask for them") { table.get_service = nullptr; }
    SUBCASE("it has none of them") { table.get_service = no_service; }
    CHECK(serves(&table));
  }

  TEST_CASE("KP-7: a later host is served, whatever it has behind the known members") {
    for (const std::size_t more : {8u, 64u, 1024u}) {
      CAPTURE(more);
      kist_host table = host_table();
      table.struct_size = static_cast<std::uint32_t>(sizeof(table) + more);
      table.abi_minor = UINT32_MAX;
      table.name = "";
      table.version = "a later one";
      std::vector<unsigned char> bytes(table.struct_size, 0xA5);
      std::memcpy(bytes.data(), &table, sizeof(table));
      const GuardedMemory later(bytes.data(), bytes.size(), alignof(kist_host));
      CHECK(serves(reinterpret_cast<const kist_host*>(later.data())));
    }
  }

  TEST_CASE("KP-7: an open request is read as far as it goes") {
    const kist_host table = host_table();
    kist_open_request request{};
    request.deployment_id = abi::uuid(random_id());
    with_every_cut(request, [&](kist_call* call, const kist_open_request* cut) {
      kist_store* store = nullptr;
      const kist_status status = raw_type(&table)->open(&table, call, cut, &store);
      if (store != nullptr) raw_type(&table)->table->close(store);
      return status;
    });
  }

  TEST_CASE("KP-7: a create request and its record are read as far as they go") {
    KeptSecret kept;
    const auto create = [&](kist_call* call, const kist_create_request* request) {
      return kept.store.table().create_secret(kept.store.handle(), call, request);
    };
    const Secret secret = secret_named("another");
    const kist_record record = abi::record(secret);
    const kist_value value{abi::bytes("k"), abi::bytes("v"), 0, 0};
    kist_create_request request{sizeof(request), 0, &record, &value, 1};
    with_every_cut(request, create);
    with_every_cut(record, [&](kist_call* call, const kist_record* cut) {
      request.record = cut;
      return create(call, &request);
    });
    kept.check();
  }

  TEST_CASE("KP-7: the requests of get, list, update and delete are read as far as they go") {
    KeptSecret kept;
    const kist_store_table& table = kept.store.table();
    kist_store* const store = kept.store.handle();
    const kist_uuid id = abi::uuid(kept.secret.id);
    with_every_cut(kist_get_request{0, 0, id}, [&](kist_call* call, const auto* request) {
      return table.get_secret(store, call, request);
    });
    kist_list_request list = list_all();
    const kist_record after = abi::record(kept.secret);
    list.after = &after;
    with_every_cut(list, [&](kist_call* call, const auto* request) {
      return table.list_secrets(store, call, request);
    });
    const kist_value value{abi::bytes("user"), abi::bytes("v"), 0, 0};
    kist_update_request update{};
    update.flags = KIST_UPDATE_VALUES;
    update.id = id;
    update.values = &value;
    update.value_count = 1;
    with_every_cut(update, [&](kist_call* call, const auto* request) {
      return table.update_secret(store, call, request);
    });
    kept.check();
    const kist_delete_request remove{0, KIST_DELETE_IF_REVISION, id, UINT64_MAX};
    with_every_cut(remove, [&](kist_call* call, const auto* request) {
      return table.delete_secret(store, call, request);
    });
    kept.check();
  }

  TEST_CASE("KP-5: names, keys and values are read as far as they go, wherever they lie") {
    KeptSecret kept;
    const GuardedMemory name("a name"), key("a key"), last_key("b"), value("a value"), empty("");
    kist_record record = abi::record(secret_named(""));
    record.name = {name.data(), 6};
    const kist_value values[] = {{{key.data(), 5}, {value.data(), 7}, 0, 0},
                                 {{last_key.data(), 1}, {empty.data(), 0}, 0, 0}};
    const kist_create_request request{sizeof(request), 0, &record, values, std::size(values)};
    RawCall created, got;
    CHECK(kept.store.table().create_secret(kept.store.handle(), created.handle(), &request) ==
          KIST_OK);
    CHECK(kept.store.get(got, abi::uuid(record.id)) == KIST_OK);
    CHECK(got.record.name == "a name");
    CHECK(got.values == std::map<std::string, std::string>{{"a key", "a value"}, {"b", ""}});
  }
}

}  // namespace
}  // namespace kist::conformance
