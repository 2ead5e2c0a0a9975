/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of a plugin in C that keeps every rule of the loader, for plugins that break one: a
 * file includes this, writes the function or the table that is wrong, and ends with
 * MINIMAL_PLUGIN(.get_secret = …) or with MANIFEST, STORE_TABLE, STORE_TYPE and PLUGIN one by one.
 * What stands between the parentheses replaces members of the good ones.
 */
#ifndef MINIMAL_PLUGIN_H
#define MINIMAL_PLUGIN_H

#include <stdlib.h>
#include <string.h>

#include <kist/plugin.h>

/* What a plugin replaces in a good table is there twice. */
#pragma GCC diagnostic ignored "-Woverride-init"

#define MINIMAL_ID "org.example.minimal"
#define MINIMAL_STORE                                                                     \
  "{\"type\":\"minimal\",\"threading\":\"serial\",\"capabilities\":[\"scan\",\"local\"]," \
  "\"options\":[{\"name\":\"token\",\"kind\":\"string\",\"secret\":true}]}"
#define MINIMAL_MANIFEST_OF(id, major, stores)                                         \
  "{\"manifest\":1,\"id\":\"" id "\",\"version\":\"1.0.0\",\"abi\":{\"major\":" #major \
  ",\"minor\":0},\"stores\":[" stores "]}"
#define MINIMAL_MANIFEST MINIMAL_MANIFEST_OF(MINIMAL_ID, 1, MINIMAL_STORE)

struct kist_store {
  const kist_host* host;
};

static inline kist_bytes text(const char* letters) {
  return (kist_bytes){letters, strlen(letters)};
}

static inline kist_status fail(kist_store* store, kist_call* call, kist_status code,
                               const char* message) {
  const kist_error error = {.struct_size = sizeof(error), .message = text(message)};
  return store->host->fail(call, code, &error);
}

static inline kist_record record_of(kist_uuid id, const char* name) {
  return (kist_record){.struct_size = sizeof(kist_record),
                       .id = id,
                       .name = text(name),
                       .scope = KIST_SCOPE_WORKSPACE,
                       .revision = 1};
}

static inline kist_status send_value(kist_store* store, kist_call* call, const char* key,
                                     kist_bytes value) {
  void* const memory = store->host->value_reserve(call, text(key), value.size);
  if (memory == NULL) return KIST_RESOURCE_EXHAUSTED;
  if (value.size != 0) memcpy(memory, value.data, value.size);
  return store->host->value_commit(call, value.size);
}

/* A whole secret: two keys, in order. */
static inline kist_status send_secret(kist_store* store, kist_call* call,
                                      const kist_record* record) {
  const kist_status begun = store->host->secret_begin(call, record);
  if (begun != KIST_OK) return begun;
  send_value(store, call, "password", text("correct horse"));
  return send_value(store, call, "user", text("alice"));
}

static inline kist_status good_open(const kist_host* host, kist_call* call,
                                    const kist_open_request* request, kist_store** result) {
  (void)call;
  (void)request;
  kist_store* const store = malloc(sizeof(*store));
  if (store == NULL) return KIST_RESOURCE_EXHAUSTED;
  store->host = host;
  *result = store;
  return KIST_OK;
}

static inline kist_status good_create(kist_store* store, kist_call* call,
                                      const kist_create_request* request) {
  return send_secret(store, call, request->record);
}

static inline kist_status good_get(kist_store* store, kist_call* call,
                                   const kist_get_request* request) {
  const kist_record record = record_of(request->id, "a secret");
  return send_secret(store, call, &record);
}

static inline kist_status good_list(kist_store* store, kist_call* call,
                                    const kist_list_request* request) {
  (void)request;
  for (uint8_t i = 1; i <= 3; ++i) {
    const char name[] = {(char)('a' - 1 + i), '\0'};
    const kist_record record = record_of((kist_uuid){{i}}, name);
    const kist_status status = store->host->list_item(call, &record);
    if (status == KIST_ENOUGH) return KIST_OK;
    if (status != KIST_OK) return status;
  }
  return KIST_OK;
}

static inline kist_status good_update(kist_store* store, kist_call* call,
                                      const kist_update_request* request) {
  const kist_record record = record_of(request->id, "a secret");
  return send_secret(store, call, &record);
}

static inline kist_status good_delete(kist_store* store, kist_call* call,
                                      const kist_delete_request* request) {
  (void)store;
  (void)call;
  (void)request;
  return KIST_OK;
}

static inline void good_close(kist_store* store) { free(store); }

#define MANIFEST(json) KIST_MANIFEST(json)

#define STORE_TABLE(...)                                                                \
  static const kist_store_table store_table = {.struct_size = sizeof(kist_store_table), \
                                               .create_secret = good_create,            \
                                               .get_secret = good_get,                  \
                                               .list_secrets = good_list,               \
                                               .update_secret = good_update,            \
                                               .delete_secret = good_delete,            \
                                               .close = good_close,                     \
                                               __VA_ARGS__}

#define STORE_TYPE(...)                                                                      \
  static const kist_store_type store_type = {.struct_size = sizeof(kist_store_type),         \
                                             .threading = KIST_THREADING_SERIAL,             \
                                             .capabilities = KIST_CAP_SCAN | KIST_CAP_LOCAL, \
                                             .name = "minimal",                              \
                                             .table = &store_table,                          \
                                             .open = good_open,                              \
                                             __VA_ARGS__}

#define PLUGIN_TABLE(...)                                                  \
  static const kist_store_type* const store_types[] = {&store_type, NULL}; \
  static const kist_plugin plugin = {.struct_size = sizeof(kist_plugin),   \
                                     .abi_major = KIST_ABI_MAJOR,          \
                                     .abi_minor = KIST_ABI_MINOR,          \
                                     .id = MINIMAL_ID,                     \
                                     .version = "1.0.0",                   \
                                     .store_types = store_types,           \
                                     __VA_ARGS__}

#define PLUGIN(...)                                          \
  PLUGIN_TABLE(__VA_ARGS__);                                 \
  const kist_plugin* kist_plugin_v1(const kist_host* host) { \
    (void)host;                                              \
    return &plugin;                                          \
  }                                                          \
  typedef int swallows_a_semicolon

/* All of a plugin but for members of its store's table, or of its store type's. */
#define MINIMAL_PLUGIN(...)   \
  MANIFEST(MINIMAL_MANIFEST); \
  STORE_TABLE(__VA_ARGS__);   \
  STORE_TYPE();               \
  PLUGIN()
#define MINIMAL_PLUGIN_OF_TYPE(...) \
  MANIFEST(MINIMAL_MANIFEST);       \
  STORE_TABLE();                    \
  STORE_TYPE(__VA_ARGS__);          \
  PLUGIN()

#endif
