/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin of a later minor version: its structs have grown, with members that this host cannot
 * know, and it declares a capability and sets flags that mean nothing here. The host passes over
 * all of it (KP-7, KP-8). */
#include "minimal_plugin.h"

#define GARBAGE 0xA5A5A5A5A5A5A5A5u

struct future_record {
  kist_record now;
  uint64_t later[4];
};
struct future_error {
  kist_error now;
  uint64_t later[4];
};

static kist_status future_get(kist_store* store, kist_call* call, const kist_get_request* request) {
  struct future_record record = {record_of(request->id, "a secret"), {GARBAGE, GARBAGE}};
  record.now.struct_size = sizeof(record);
  record.now.flags = 1u << 30;
  return send_secret(store, call, &record.now);
}

static kist_status future_list(kist_store* store, kist_call* call,
                               const kist_list_request* request) {
  (void)request;
  struct future_record record = {record_of((kist_uuid){{7}}, "a secret"), {GARBAGE, GARBAGE}};
  record.now.struct_size = sizeof(record);
  record.now.flags = 1u << 30;
  return store->host->list_item(call, &record.now);
}

static kist_status future_delete(kist_store* store, kist_call* call,
                                 const kist_delete_request* request) {
  (void)request;
  struct future_error error = {{.message = text("not today")}, {GARBAGE, GARBAGE}};
  error.now.struct_size = sizeof(error);
  error.now.flags = 1u << 30;
  return store->host->fail(call, 9999, &error.now);
}

MANIFEST(
    "{\"manifest\":1,\"id\":\"org.example.future\",\"version\":\"9.0.0\","
    "\"abi\":{\"major\":1,\"minor\":7},\"x-later\":{\"a\":1},"
    "\"stores\":[{\"type\":\"future\",\"threading\":\"serial\","
    "\"capabilities\":[\"scan\",\"local\",\"time_travel\"]}]}");

static const struct {
  kist_store_table now;
  uint64_t later[4];
} table = {{.struct_size = sizeof(table),
            .create_secret = good_create,
            .get_secret = future_get,
            .list_secrets = future_list,
            .update_secret = good_update,
            .delete_secret = future_delete,
            .close = good_close},
           {GARBAGE, GARBAGE}};
static const struct {
  kist_store_type now;
  uint64_t later[4];
} type = {{.struct_size = sizeof(type),
           .capabilities = KIST_CAP_SCAN | KIST_CAP_LOCAL | UINT64_C(1) << 40,
           .name = "future",
           .table = &table.now,
           .open = good_open},
          {GARBAGE, GARBAGE}};
static const kist_store_type* const store_types[] = {&type.now, NULL};
static const struct {
  kist_plugin now;
  uint64_t later[4];
} plugin = {{.struct_size = sizeof(plugin),
             .abi_major = 1,
             .abi_minor = 7,
             .id = "org.example.future",
             .version = "9.0.0",
             .store_types = store_types},
            {GARBAGE, GARBAGE}};

const kist_plugin* kist_plugin_v1(const kist_host* host) {
  (void)host;
  return &plugin.now;
}
