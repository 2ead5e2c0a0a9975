/* SPDX-License-Identifier: Apache-2.0
 *
 * A whole store in plain C that keeps secrets in memory, for the museum. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <kist/plugin.h>

KIST_MANIFEST(
    "{\"manifest\":1,\"id\":\"org.example.museum\",\"version\":\"1.0.0\","
    "\"abi\":{\"major\":1,\"minor\":0},\"stores\":[{\"type\":\"museum\",\"threading\":\"serial\","
    "\"capabilities\":[\"scan\",\"if_revision\",\"local\"]}]}");

/* One allocation with the bytes of its key and value behind it; a list of them ascends by key. */
typedef struct value {
  struct value* next;
  size_t key_size, value_size;
  unsigned char bytes[];
} value;

typedef struct secret {
  struct secret* next;
  kist_record record; /* Its name points to `name`. */
  char name[4 * 255];
  value* values;
} secret;

struct kist_store {
  const kist_host* host;
  secret* secrets;
};

static kist_status fail(kist_store* store, kist_call* call, kist_status code, const char* why) {
  const kist_error error = {.struct_size = sizeof(error), .message = {why, strlen(why)}};
  return store->host->fail(call, code, &error);
}

static kist_status check(kist_store* store, kist_call* call) {
  struct timespec now;
  if (store->host->is_cancelled(call)) return fail(store, call, KIST_CANCELLED, "cancelled");
  clock_gettime(CLOCK_MONOTONIC, &now);
  if (now.tv_sec * INT64_C(1000000000) + now.tv_nsec >= store->host->deadline_ns(call))
    return fail(store, call, KIST_DEADLINE_EXCEEDED, "time was up");
  return KIST_OK;
}

static int same_id(const kist_uuid* a, const kist_uuid* b) { return memcmp(a, b, sizeof(*a)) == 0; }

static secret* find(kist_store* store, const kist_uuid* id) {
  secret* item = store->secrets;
  while (item != NULL && !same_id(&item->record.id, id)) item = item->next;
  return item;
}

static int name_taken(kist_store* store, const kist_record* wanted) {
  for (const secret* item = store->secrets; item != NULL; item = item->next) {
    const kist_record* const held = &item->record;
    if (!same_id(&held->id, &wanted->id) && held->scope == wanted->scope &&
        same_id(&held->workspace_id, &wanted->workspace_id) &&
        (held->scope != KIST_SCOPE_USER || same_id(&held->user_id, &wanted->user_id)) &&
        held->name.size == wanted->name.size &&
        memcmp(held->name.data, wanted->name.data, held->name.size) == 0)
      return 1;
  }
  return 0;
}

static void free_values(const kist_host* host, value* first) {
  while (first != NULL) {
    value* const next = first->next;
    host->secure_free(first, sizeof(*first) + first->key_size + first->value_size);
    first = next;
  }
}

static value* new_value(const kist_host* host, const void* key, size_t key_size, const void* data,
                        size_t size) {
  value* const made = host->secure_alloc(sizeof(*made) + key_size + size);
  if (made == NULL) return NULL;
  made->next = NULL;
  made->key_size = key_size;
  made->value_size = size;
  memcpy(made->bytes, key, key_size);
  if (size != 0) memcpy(made->bytes + key_size, data, size);
  return made;
}

/* Below 0: `old` comes first. */
static int compare_keys(const value* old, const kist_value* patch) {
  const size_t a = old->key_size, b = patch->key.size;
  const int order = memcmp(old->bytes, patch->key.data, a < b ? a : b);
  return order != 0 ? order : (a > b) - (a < b);
}

/* What `old` becomes by `patch`, as copies. 0 when memory is short. */
static int merge(const kist_host* host, const value* old, const kist_value* patch, size_t count,
                 value** result) {
  value** end = result;
  *result = NULL;
  while (old != NULL || count != 0) {
    const int order = old == NULL ? 1 : count == 0 ? -1 : compare_keys(old, patch);
    if (order < 0)
      *end =
          new_value(host, old->bytes, old->key_size, old->bytes + old->key_size, old->value_size);
    else if (!patch->remove)
      *end =
          new_value(host, patch->key.data, patch->key.size, patch->value.data, patch->value.size);
    if (order < 0 || !patch->remove) {
      if (*end == NULL) {
        free_values(host, *result);
        return 0;
      }
      end = &(*end)->next;
    }
    if (order <= 0) old = old->next;
    if (order >= 0) {
      ++patch;
      --count;
    }
  }
  return 1;
}

static kist_status send(kist_store* store, kist_call* call, const secret* item) {
  kist_status status = store->host->secret_begin(call, &item->record);
  for (const value* v = item->values; status == KIST_OK && v != NULL; v = v->next) {
    const kist_bytes key = {v->bytes, v->key_size};
    void* const memory = store->host->value_reserve(call, key, v->value_size);
    if (memory == NULL) return fail(store, call, KIST_RESOURCE_EXHAUSTED, "memory is short");
    if (v->value_size != 0) memcpy(memory, v->bytes + v->key_size, v->value_size);
    status = store->host->value_commit(call, v->value_size);
  }
  return status;
}

static void set_record(secret* item, const kist_record* record) {
  memmove(item->name, record->name.data, record->name.size);
  item->record = *record;
  item->record.struct_size = sizeof(item->record);
  item->record.name.data = item->name;
}

static kist_status create_secret(kist_store* store, kist_call* call,
                                 const kist_create_request* request) {
  const kist_status checked = check(store, call);
  if (checked != KIST_OK) return checked;
  if (find(store, &request->record->id) != NULL || name_taken(store, request->record))
    return fail(store, call, KIST_ALREADY_EXISTS, "the id or the name is taken");
  if (request->record->name.size > sizeof(store->secrets->name))
    return fail(store, call, KIST_INVALID_ARGUMENT, "the name is too long");
  secret* const item = calloc(1, sizeof(*item));
  if (item == NULL ||
      !merge(store->host, NULL, request->values, request->value_count, &item->values)) {
    free(item);
    return fail(store, call, KIST_RESOURCE_EXHAUSTED, "memory is short");
  }
  set_record(item, request->record);
  item->next = store->secrets;
  store->secrets = item;
  return send(store, call, item);
}

static kist_status get_secret(kist_store* store, kist_call* call, const kist_get_request* request) {
  const kist_status checked = check(store, call);
  if (checked != KIST_OK) return checked;
  const secret* const item = find(store, &request->id);
  if (item == NULL) return fail(store, call, KIST_NOT_FOUND, "there is no such secret");
  return send(store, call, item);
}

static kist_status list_secrets(kist_store* store, kist_call* call,
                                const kist_list_request* request) {
  (void)request; /* The host filters. */
  for (const secret* item = store->secrets; item != NULL; item = item->next) {
    kist_status status = check(store, call);
    if (status == KIST_OK) status = store->host->list_item(call, &item->record);
    if (status == KIST_ENOUGH) return KIST_OK;
    if (status != KIST_OK) return status;
  }
  return check(store, call);
}

static kist_status update_secret(kist_store* store, kist_call* call,
                                 const kist_update_request* request) {
  const kist_status checked = check(store, call);
  if (checked != KIST_OK) return checked;
  secret* const item = find(store, &request->id);
  if (item == NULL) return fail(store, call, KIST_NOT_FOUND, "there is no such secret");
  kist_record record = item->record;
  if ((request->flags & KIST_UPDATE_IF_REVISION) && request->if_revision != record.revision)
    return fail(store, call, KIST_CONFLICT, "the secret is at another revision");
  if (request->flags & KIST_UPDATE_NAME) record.name = request->name;
  if (request->flags & KIST_UPDATE_SCOPE) record.scope = request->scope;
  record.updated_us = request->updated_us;
  ++record.revision;
  if (name_taken(store, &record))
    return fail(store, call, KIST_ALREADY_EXISTS, "the name is taken");
  if (record.name.size > sizeof(item->name))
    return fail(store, call, KIST_INVALID_ARGUMENT, "the name is too long");
  if (request->flags & KIST_UPDATE_VALUES) {
    const value* const old = request->flags & KIST_UPDATE_REPLACE ? NULL : item->values;
    value* values = NULL;
    if (!merge(store->host, old, request->values, request->value_count, &values))
      return fail(store, call, KIST_RESOURCE_EXHAUSTED, "memory is short");
    free_values(store->host, item->values);
    item->values = values;
  }
  set_record(item, &record);
  return send(store, call, item);
}

static void unlink_secret(kist_store* store, secret* item) {
  secret** place = &store->secrets;
  while (*place != item) place = &(*place)->next;
  *place = item->next;
  free_values(store->host, item->values);
  free(item);
}

static kist_status delete_secret(kist_store* store, kist_call* call,
                                 const kist_delete_request* request) {
  const kist_status checked = check(store, call);
  if (checked != KIST_OK) return checked;
  secret* const item = find(store, &request->id);
  if (item == NULL) return fail(store, call, KIST_NOT_FOUND, "there is no such secret");
  if ((request->flags & KIST_DELETE_IF_REVISION) && request->if_revision != item->record.revision)
    return fail(store, call, KIST_CONFLICT, "the secret is at another revision");
  unlink_secret(store, item);
  return KIST_OK;
}

static void close_store(kist_store* store) {
  while (store->secrets != NULL) unlink_secret(store, store->secrets);
  free(store);
}

static kist_status open_store(const kist_host* host, kist_call* call,
                              const kist_open_request* request, kist_store** result) {
  (void)call;
  (void)request;
  kist_store* const store = calloc(1, sizeof(*store));
  if (store == NULL) return KIST_RESOURCE_EXHAUSTED;
  store->host = host;
  *result = store;
  return KIST_OK;
}

static const kist_store_table table = {.struct_size = sizeof(table),
                                       .create_secret = create_secret,
                                       .get_secret = get_secret,
                                       .list_secrets = list_secrets,
                                       .update_secret = update_secret,
                                       .delete_secret = delete_secret,
                                       .close = close_store};
static const kist_store_type type = {
    .struct_size = sizeof(type),
    .threading = KIST_THREADING_SERIAL,
    .capabilities = KIST_CAP_SCAN | KIST_CAP_IF_REVISION | KIST_CAP_LOCAL,
    .name = "museum",
    .table = &table,
    .open = open_store};
static const kist_store_type* const types[] = {&type, NULL};
static const kist_plugin plugin = {.struct_size = sizeof(plugin),
                                   .abi_major = KIST_ABI_MAJOR,
                                   .abi_minor = KIST_ABI_MINOR,
                                   .id = "org.example.museum",
                                   .version = "1.0.0",
                                   .store_types = types};

const kist_plugin* kist_plugin_v1(const kist_host* host) {
  return host->struct_size >= offsetof(kist_host, log) ? &plugin : NULL;
}
