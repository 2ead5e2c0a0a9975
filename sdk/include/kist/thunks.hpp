// SPDX-License-Identifier: Apache-2.0
#pragma once

// Turns calls of the ABI back into calls of SecretsStoreInterface. The one place where a plugin's
// exceptions stop: one that left it would abort a host that has another C++ runtime.

#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <utility>

#include <kist/abi.hpp>
#include <kist/base_secrets_store.hpp>
#include <kist/plugin.h>

namespace kist::detail {

/// Lets the plugin's secrets live in the host's memory for secrets. The first host is the one: its
/// two functions are there until the process ends.
inline void use_secret_memory_of(const kist_host& host) noexcept {
  if (!KIST_HAS(&host, secure_alloc) || !KIST_HAS(&host, secure_free)) return;
  static const SecretMemory memory{host.secure_alloc, host.secure_free};
  use_secret_memory(memory);
}

class PluginCall final : public Call {
 public:
  PluginCall(const kist_host& host, kist_call* call) : host_(host), call_(call) {}
  std::int64_t deadline_ns() const override { return host_.deadline_ns(call_); }
  bool is_cancelled() const override { return host_.is_cancelled(call_) != 0; }
  int cancel_fd() const override { return host_.cancel_fd(call_); }

 private:
  const kist_host& host_;
  kist_call* call_;
};

inline kist_status fail(const kist_host& host, kist_call* call, ErrorCode code,
                        std::string_view message, const Error* error = nullptr) noexcept {
  kist_error report{};
  report.struct_size = sizeof(report);
  report.message = abi::bytes(message);
  if (error != nullptr) {
    if (error->store_broken) report.flags |= KIST_ERROR_STORE_BROKEN;
    report.backend_code = abi::bytes(error->backend_code);
    report.retry_after_ms = static_cast<std::uint32_t>(error->retry_after.count());
  }
  return host.fail(call, static_cast<kist_status>(code), &report);
}

/// The barrier: runs `body`, and turns whatever comes out of it into a status.
template <class Body>
kist_status guard(const kist_host& host, kist_call* call, Body&& body) noexcept {
  try {
    body();
    return KIST_OK;
  } catch (const Error& error) {
    return fail(host, call, error.code, error.message(), &error);
  } catch (const std::bad_alloc&) {
    return fail(host, call, ErrorCode::resource_exhausted, "out of memory");
  } catch (const std::exception& error) {
    return fail(host, call, ErrorCode::internal, error.what());
  } catch (...) {
    return fail(host, call, ErrorCode::internal, "an exception of unknown type");
  }
}

/// Throws what the host answered to a result, if it does not want it.
inline void expect_ok(kist_status status) {
  if (status != KIST_OK) throw Error(error_code_from(status), "the host refused the result");
}

inline void send(const kist_host& host, kist_call* call, const Secret& secret) {
  const kist_record record = abi::record(secret);
  expect_ok(host.secret_begin(call, &record));
  for (const auto entry : secret.values) {
    const std::string_view value = entry.value.reveal();
    void* const memory = host.value_reserve(call, abi::bytes(entry.key), value.size());
    if (memory == nullptr)
      throw Error(ErrorCode::resource_exhausted, "the host has no room for the secret");
    if (!value.empty()) std::memcpy(memory, value.data(), value.size());
    expect_ok(host.value_commit(call, value.size()));
  }
}

class HostListSink final : public ListSink {
 public:
  HostListSink(const kist_host& host, kist_call* call) : host_(host), call_(call) {}
  bool item(const SecretMetadata& row) override {
    const kist_record record = abi::record(row);
    const kist_status status = host_.list_item(call_, &record);
    if (status == KIST_ENOUGH) return false;
    expect_ok(status);
    return true;
  }
  void total(std::uint64_t count) override { expect_ok(host_.list_total(call_, count)); }

 private:
  const kist_host& host_;
  kist_call* call_;
};

inline Secret secret_from(const kist_create_request& request) {
  if (request.record == nullptr)
    throw Error(ErrorCode::invalid_argument, "the request has no record");
  Secret secret;
  abi::assign(secret, abi::read(request.record));
  std::size_t size = 0;
  const std::span values(request.values, request.value_count);
  for (const kist_value& value : values) size += value.key.size + value.value.size;
  secret.values.reserve(values.size(), size);
  for (const kist_value& value : values)
    secret.values.set(abi::view(value.key), abi::view(value.value));
  return secret;
}

inline SecretUpdate update_from(const kist_update_request& request) {
  SecretUpdate update;
  update.id = abi::uuid(request.id);
  if (request.flags & KIST_UPDATE_NAME) update.name.emplace(abi::view(request.name));
  if (request.flags & KIST_UPDATE_SCOPE) update.scope = static_cast<Scope>(request.scope);
  if (request.flags & KIST_UPDATE_VALUES) {
    SecretPatch& patch = update.values.emplace();
    for (const kist_value& value : std::span(request.values, request.value_count)) {
      if (value.remove != 0)
        patch.remove(abi::view(value.key));
      else
        patch.set(abi::view(value.key), abi::view(value.value));
    }
    update.replace_values = (request.flags & KIST_UPDATE_REPLACE) != 0;
  }
  update.updated = abi::timestamp(request.updated_us);
  if (request.flags & KIST_UPDATE_IF_REVISION) update.if_revision = request.if_revision;
  return update;
}

inline Condition condition_from(const kist_condition& given) {
  Condition condition;
  condition.field = static_cast<Field>(given.field);
  condition.op = static_cast<Operator>(given.op);
  for (const kist_bytes& text : std::span(given.texts, given.text_count)) {
    condition.texts.emplace_back(abi::view(text));
  }
  condition.from = abi::timestamp(given.from_us);
  condition.until = abi::timestamp(given.until_us);
  return condition;
}

inline ListQuery query_from(const kist_list_request& request) {
  ListQuery query;
  if ((request.flags & KIST_LIST_ALL_WORKSPACES) == 0) {
    auto& workspaces = query.visible.workspaces.emplace();
    for (const kist_uuid& id : std::span(request.workspaces, request.workspace_count)) {
      workspaces.push_back(abi::uuid(id));
    }
  }
  if ((request.flags & KIST_LIST_ALL_USERS) == 0)
    query.visible.user_id = abi::uuid(request.user_id);
  for (const kist_condition& condition : std::span(request.conditions, request.condition_count)) {
    query.conditions.push_back(condition_from(condition));
  }
  query.match_any = (request.flags & KIST_LIST_MATCH_ANY) != 0;
  query.sort = static_cast<Field>(request.sort_field);
  query.descending = (request.flags & KIST_LIST_DESCENDING) != 0;
  query.offset = request.offset;
  query.limit = request.limit;
  if (request.after != nullptr) abi::assign(query.after.emplace(), abi::read(request.after));
  query.with_total = (request.flags & KIST_LIST_WITH_TOTAL) != 0;
  return query;
}

/// The functions of the store's table, for one class of store.
template <class Store>
struct Thunks {
  struct Opened {
    const kist_host& host;
    Store store;
  };
  static Opened& opened(kist_store* store) noexcept { return *reinterpret_cast<Opened*>(store); }

  static kist_status open(const kist_host* host, kist_call* call, const kist_open_request* given,
                          kist_store** result) noexcept {
    return guard(*host, call, [&] {
      use_secret_memory_of(*host);
      const auto request = abi::read(given);
      PluginCall circumstances(*host, call);
      circumstances.check();
      std::unique_ptr<Opened> opening(new Opened{*host, {}});
      opening->store.attach(
          *host, abi::uuid(request.deployment_id),
          read_configuration<typename Store::CONFIG_TYPE>({request.options, request.option_count}));
      opening->store.initialize(circumstances);
      *result = reinterpret_cast<kist_store*>(opening.release());
    });
  }

  /// `body` gets the store and the circumstances of the call.
  template <class Body>
  static kist_status run(kist_store* store, kist_call* call, Body&& body) noexcept {
    Opened& self = opened(store);
    return guard(self.host, call, [&] {
      PluginCall circumstances(self.host, call);
      circumstances.check();  // So that a store which never waits need not think of ST-17.
      body(self, circumstances);
    });
  }

  static kist_status create_secret(kist_store* store, kist_call* call,
                                   const kist_create_request* given) noexcept {
    return run(store, call, [&](Opened& self, Call& circumstances) {
      send(self.host, call, self.store.create_secret(circumstances, secret_from(abi::read(given))));
    });
  }
  static kist_status get_secret(kist_store* store, kist_call* call,
                                const kist_get_request* given) noexcept {
    return run(store, call, [&](Opened& self, Call& circumstances) {
      send(self.host, call, self.store.get_secret(circumstances, abi::uuid(abi::read(given).id)));
    });
  }
  static kist_status list_secrets(kist_store* store, kist_call* call,
                                  const kist_list_request* given) noexcept {
    return run(store, call, [&](Opened& self, Call& circumstances) {
      HostListSink sink(self.host, call);
      self.store.list_secrets(circumstances, query_from(abi::read(given)), sink);
    });
  }
  static kist_status update_secret(kist_store* store, kist_call* call,
                                   const kist_update_request* given) noexcept {
    return run(store, call, [&](Opened& self, Call& circumstances) {
      send(self.host, call, self.store.update_secret(circumstances, update_from(abi::read(given))));
    });
  }
  static kist_status delete_secret(kist_store* store, kist_call* call,
                                   const kist_delete_request* given) noexcept {
    return run(store, call, [&](Opened& self, Call& circumstances) {
      const auto request = abi::read(given);
      std::optional<std::uint64_t> if_revision;
      if (request.flags & KIST_DELETE_IF_REVISION) if_revision = request.if_revision;
      self.store.delete_secret(circumstances, abi::uuid(request.id), if_revision);
    });
  }
  static kist_status health(kist_store* store, kist_call* call) noexcept {
    return run(store, call,
               [&](Opened& self, Call& circumstances) { self.store.check_health(circumstances); });
  }
  static const void* get_extension(kist_store*, const char*) noexcept { return nullptr; }
  static void close(kist_store* store) noexcept { delete &opened(store); }
};

/// The static tables of a plugin with one store. `Definition` is as for manifest_note().
template <class Definition>
struct PluginTables {
  using Store = typename Definition::KistStore;
  using Calls = Thunks<Store>;

  static constexpr kist_store_table table = {sizeof(kist_store_table), 0,
                                             Calls::create_secret,     Calls::get_secret,
                                             Calls::list_secrets,      Calls::update_secret,
                                             Calls::delete_secret,     Calls::health,
                                             Calls::get_extension,     Calls::close};
  static constexpr kist_store_type type = {sizeof(kist_store_type),
                                           static_cast<std::uint32_t>(Store::THREADING),
                                           Store::CAPABILITIES.bits(),
                                           type_name<Store>(Definition::info).data(),
                                           &table,
                                           Calls::open};
  static constexpr const kist_store_type* types[] = {&type, nullptr};
  static constexpr kist_plugin plugin = {sizeof(kist_plugin),
                                         KIST_ABI_MAJOR,
                                         KIST_ABI_MINOR,
                                         Definition::info.id.data(),
                                         Definition::info.version.data(),
                                         types};
};

/// Whether the host has what the thunks call without asking.
inline bool can_serve(const kist_host* host) noexcept {
  return KIST_HAS(host, fail) && KIST_HAS(host, deadline_ns) && KIST_HAS(host, is_cancelled) &&
         KIST_HAS(host, cancel_fd) && KIST_HAS(host, secret_begin) &&
         KIST_HAS(host, value_reserve) && KIST_HAS(host, value_commit) &&
         KIST_HAS(host, list_item) && KIST_HAS(host, list_total);
}

}  // namespace kist::detail
