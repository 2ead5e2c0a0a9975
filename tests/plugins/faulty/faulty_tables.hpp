// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>

#include <algorithm>
#include <cstring>

#include <kist/plugin.hpp>

#include "fault.hpp"

/// A plugin's tables, with the faults in front of them that no store in C++ can have: the SDK's
/// thunks keep these rules for it.
template <class Good>
class FaultyTables {
 public:
  static const kist_plugin* entry(bool can_serve) noexcept {
    if (!can_serve) return nullptr;
    static int calls = 0;
    return fault_is("KP-2") && ++calls % 2 == 0 ? &twin_ : &plugin_;
  }

 private:
  using Host = kist_host;

  static kist_status open(const Host* host, kist_call* call, const kist_open_request* request,
                          kist_store** store) noexcept {
    if (fault_is("KP-16") && host->deadline_ns(call) == 1)
      static_cast<void>(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const bool needs_other_host = fault_is("KP-12") || fault_is("KP-29") || fault_is("ST-17");
    real_host = host;
    if (needs_other_host) {
      std::memcpy(&other_host, host, std::min<std::size_t>(host->struct_size, sizeof other_host));
      other_host.struct_size = std::min<std::uint32_t>(host->struct_size, sizeof other_host);
      if (fault_is("KP-12")) other_host.list_item = never_enough;
      if (fault_is("ST-17")) {
        other_host.is_cancelled = never;
        other_host.deadline_ns = no_deadline;
      }
      if (fault_is("KP-29")) other_host.secret_begin = begin_in_any_case;
      other_host.log = log_to_real_host;
      other_host.get_service = nullptr;
    }
    return Good::type.open(needs_other_host ? &other_host : host, call, request, store);
  }

  static kist_status create_secret(kist_store* store, kist_call* call,
                                   const kist_create_request* request) noexcept {
    if (fault_is("KP-5")) {
      read_behind(request->record->name);
      for (std::size_t i = 0; i < request->value_count; ++i) read_behind(request->values[i].value);
    }
    if (fault_is("KP-7")) read(reinterpret_cast<const char*>(request) + request->struct_size);
    if (fault_is("KP-8") && request->flags > 0xFFFF) return KIST_INVALID_ARGUMENT;
    return Good::table.create_secret(store, call, request);
  }

  static kist_status get_secret(kist_store* store, kist_call* call,
                                const kist_get_request* request) noexcept {
    const kist_status status = Good::table.get_secret(store, call, request);
    return fault_is("KP-17") && status == KIST_RESOURCE_EXHAUSTED ? KIST_INTERNAL : status;
  }

  static kist_status list_secrets(kist_store* store, kist_call* call,
                                  const kist_list_request* request) noexcept {
    const kist_status status = Good::table.list_secrets(store, call, request);
    // A host of this version would take it for a breach of KP-29, and the list would be lost.
    if (fault_is("ST-7") && real_host->struct_size > sizeof(Host)) {
      kist_record record{};
      record.struct_size = sizeof record;
      real_host->secret_begin(call, &record);
    }
    return status;
  }

  static int never(const kist_call*) noexcept { return 0; }
  static std::int64_t no_deadline(const kist_call*) noexcept { return INT64_MAX; }
  static kist_status never_enough(kist_call* call, const kist_record* record) noexcept {
    const kist_status status = real_host->list_item(call, record);
    return status == KIST_ENOUGH ? KIST_OK : status;
  }
  static kist_status begin_in_any_case(kist_call* call, const kist_record* record) noexcept {
    real_host->secret_begin(call, record);
    return KIST_OK;
  }
  static void log_to_real_host(const Host*, std::int32_t level, kist_bytes message) noexcept {
    if (KIST_HAS(real_host, log)) real_host->log(real_host, level, message);
  }

  static void read(const volatile char* byte) noexcept { static_cast<void>(*byte); }
  static void read_behind(kist_bytes bytes) noexcept {
    if (bytes.size != 0) read(static_cast<const char*>(bytes.data) + bytes.size);
  }

  static inline const Host* real_host = nullptr;
  static inline Host other_host{};

  static constexpr kist_store_table table_ = {sizeof(kist_store_table),
                                              0,
                                              create_secret,
                                              get_secret,
                                              list_secrets,
                                              Good::table.update_secret,
                                              Good::table.delete_secret,
                                              Good::table.health,
                                              Good::table.get_extension,
                                              Good::table.close};
  static constexpr kist_store_type type_ = {sizeof(kist_store_type),
                                            Good::type.threading,
                                            Good::type.capabilities,
                                            Good::type.name,
                                            &table_,
                                            open};
  static constexpr const kist_store_type* types_[] = {&type_, nullptr};
  static constexpr kist_plugin plugin_ = {sizeof(kist_plugin), KIST_ABI_MAJOR,       KIST_ABI_MINOR,
                                          Good::plugin.id,     Good::plugin.version, types_};
  static constexpr kist_plugin twin_ = {sizeof(kist_plugin), KIST_ABI_MAJOR,       KIST_ABI_MINOR,
                                        Good::plugin.id,     Good::plugin.version, types_};
};
