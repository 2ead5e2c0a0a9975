// SPDX-License-Identifier: Apache-2.0
#pragma once

// A store as the fake host calls it; tests include fake_host.hpp.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kist/abi.hpp>
#include <kist/error.hpp>
#include <kist/fake_host.h>
#include <kist/models.hpp>

namespace kist {

struct FakeListing {
  std::vector<SecretMetadata> rows;
  std::optional<std::uint64_t> total;
};

namespace detail {

/// One call of the plugin. Throws the Error that it came to.
class FakeCall {
 public:
  FakeCall() = default;
  FakeCall(const FakeCall&) = delete;
  FakeCall& operator=(const FakeCall&) = delete;
  ~FakeCall() { kist_fake_call_free(&call_); }

  kist_fake_call* get() { return &call_; }

  void expect_ok() const {
    if (call_.status == KIST_OK) return;
    Error error(error_code_from(call_.status), call_.message);
    error.backend_code = abi::view(call_.error.backend_code);
    error.retry_after = std::chrono::milliseconds(call_.error.retry_after_ms);
    error.store_broken = (call_.error.flags & KIST_ERROR_STORE_BROKEN) != 0;
    throw error;
  }
  Secret secret() const {
    expect_ok();
    Secret secret;
    abi::assign(secret, call_.secret);
    for (std::size_t i = 0; i < call_.value_count; ++i)
      secret.values.set(abi::view(call_.values[i].key), abi::view(call_.values[i].value));
    return secret;
  }
  FakeListing listing() const {
    expect_ok();
    FakeListing listing;
    for (std::size_t i = 0; i < call_.row_count; ++i)
      abi::assign(listing.rows.emplace_back(), call_.rows[i]);
    if (call_.has_total) listing.total = call_.total;
    return listing;
  }

 private:
  kist_fake_call call_{};
};

}  // namespace detail

/// An open store, which is closed at the end. Each function throws the Error of a call that fails,
/// `internal` if the store broke a rule in it. Threads: as many at once as the store can bear.
class FakeStore {
 public:
  explicit FakeStore(const kist_fake_store& store) : store_(store) {}
  FakeStore(FakeStore&& other) noexcept : store_(std::exchange(other.store_, {})) {}
  FakeStore& operator=(FakeStore&&) = delete;
  ~FakeStore() { kist_fake_close(&store_); }

  Secret create(const Secret& secret) const {
    detail::FakeCall call;
    std::vector<kist_value> values;
    for (const auto entry : secret.values)
      values.push_back({abi::bytes(entry.key), abi::bytes(entry.value.reveal()), 0, 0});
    const kist_record record = abi::record(secret);
    kist_fake_create(&store_, &record, values.data(), values.size(), call.get());
    return call.secret();
  }

  Secret get(const Uuid& id) const {
    detail::FakeCall call;
    kist_fake_get(&store_, abi::uuid(id), call.get());
    return call.secret();
  }

  /// A store without `native_query` sends all that it has, whatever is asked for.
  FakeListing list(const ListQuery& query = {}) const {
    detail::FakeCall call;
    std::vector<kist_uuid> workspaces;
    std::vector<std::vector<kist_bytes>> texts;
    std::vector<kist_condition> conditions;
    for (const Uuid& id : query.visible.workspaces.value_or(std::vector<Uuid>()))
      workspaces.push_back(abi::uuid(id));
    for (const Condition& condition : query.conditions) {
      auto& own = texts.emplace_back();
      for (const std::string& text : condition.texts) own.push_back(abi::bytes(text));
      conditions.push_back({static_cast<std::uint32_t>(condition.field),
                            static_cast<std::uint32_t>(condition.op), own.data(), own.size(),
                            abi::microseconds(condition.from), abi::microseconds(condition.until)});
    }
    kist_list_request request{};
    request.struct_size = sizeof(request);
    if (query.match_any) request.flags |= KIST_LIST_MATCH_ANY;
    if (query.descending) request.flags |= KIST_LIST_DESCENDING;
    if (query.with_total) request.flags |= KIST_LIST_WITH_TOTAL;
    if (!query.visible.workspaces) request.flags |= KIST_LIST_ALL_WORKSPACES;
    if (!query.visible.user_id) request.flags |= KIST_LIST_ALL_USERS;
    request.workspaces = workspaces.data();
    request.workspace_count = workspaces.size();
    request.user_id = abi::uuid(query.visible.user_id.value_or(Uuid()));
    request.conditions = conditions.data();
    request.condition_count = conditions.size();
    request.sort_field = static_cast<std::uint32_t>(query.sort);
    request.offset = query.offset;
    request.limit = query.limit;
    const kist_record after = abi::record(query.after.value_or(SecretMetadata()));
    if (query.after) request.after = &after;
    kist_fake_list(&store_, &request, call.get());
    return call.listing();
  }

  Secret update(const SecretUpdate& update) const {
    detail::FakeCall call;
    std::vector<kist_value> values;
    for (std::size_t i = 0; update.values && i < update.values->size(); ++i)
      values.push_back({abi::bytes(update.values->key(i)),
                        abi::bytes(update.values->value(i).reveal()),
                        update.values->removes(i) ? 1u : 0u, 0});
    kist_update_request request{};
    request.struct_size = sizeof(request);
    if (update.name) request.flags |= KIST_UPDATE_NAME;
    if (update.scope) request.flags |= KIST_UPDATE_SCOPE;
    if (update.values) request.flags |= KIST_UPDATE_VALUES;
    if (update.values && update.replace_values) request.flags |= KIST_UPDATE_REPLACE;
    if (update.if_revision) request.flags |= KIST_UPDATE_IF_REVISION;
    request.id = abi::uuid(update.id);
    if (update.name) request.name = abi::bytes(*update.name);
    request.scope = static_cast<std::uint32_t>(update.scope.value_or(Scope{}));
    request.updated_us = abi::microseconds(update.updated);
    request.if_revision = update.if_revision.value_or(0);
    request.values = values.data();
    request.value_count = values.size();
    kist_fake_update(&store_, &request, call.get());
    return call.secret();
  }

  void remove(const Uuid& id, std::optional<std::uint64_t> if_revision = {}) const {
    detail::FakeCall call;
    kist_delete_request request{sizeof(request), 0, abi::uuid(id), if_revision.value_or(0)};
    if (if_revision) request.flags |= KIST_DELETE_IF_REVISION;
    kist_fake_delete(&store_, &request, call.get());
    call.expect_ok();
  }

  void check_health() const {
    detail::FakeCall call;
    kist_fake_health(&store_, call.get());
    call.expect_ok();
  }

 private:
  kist_fake_store store_;
};

}  // namespace kist
