/* SPDX-License-Identifier: Apache-2.0
 *
 * kist/fake_host.h - a host for the unit tests of a plugin: link the plugin's sources into the
 * test's program, which needs no Kist. It is no part of the ABI.
 *
 *   kist_fake_host* const host = kist_fake_host_begin();
 *   const kist_option options[] = {kist_fake_option("root", "/tmp/x")};
 *   kist_fake_store store;
 *   kist_fake_call call = {0};
 *   assert(kist_fake_open(host, kist_plugin_v1, "dir", options, 1, &store, &call) == KIST_OK);
 *   assert(kist_fake_get(&store, id, &call) == KIST_NOT_FOUND);
 *   kist_fake_close(&store);
 *   kist_fake_call_free(&call);
 *   assert(host->misuse[0] == '\0' && host->secure_blocks == 0);
 *
 * There is one host in a program, for secure_alloc() is given none; in C, one in each file that
 * includes this.
 *
 * Threads: any may make calls, each with a kist_fake_call of its own, and kist_fake_cancel(); a
 * plugin's threads may use what host.h marks [any]. All else is for when no call runs.
 */
#ifndef KIST_FAKE_HOST_H
#define KIST_FAKE_HOST_H

#include "fake_call.h"
#include "plugin.h"

typedef struct kist_fake_store {
  const kist_store_type* type;
  kist_store* handle; /* Null: it is not open. */
} kist_fake_store;

/* Parts of requests. Texts are borrowed. */
KIST_FAKE kist_bytes kist_fake_text(const char* text) {
  const kist_bytes bytes = {text, strlen(text)};
  return bytes;
}
/* What the host would see to is up to the test: kinds, ranges, and defaults, which are not filled
 * in. */
KIST_FAKE kist_option kist_fake_option(const char* name, const char* text) {
  const kist_option option = {kist_fake_text(name), kist_fake_text(text), KIST_OPTION_STRING, 0};
  return option;
}
KIST_FAKE kist_value kist_fake_value(const char* key, const char* text) {
  const kist_value value = {kist_fake_text(key), kist_fake_text(text), 0, 0};
  return value;
}
/* A record of the workspace scope, at revision 1; `number` is the end of its id. */
KIST_FAKE kist_record kist_fake_record(uint8_t number, const char* name) {
  kist_record record;
  memset(&record, 0, sizeof(record));
  record.struct_size = sizeof(record);
  record.id.bytes[15] = number;
  record.name = kist_fake_text(name);
  record.scope = KIST_SCOPE_WORKSPACE;
  record.created_us = record.updated_us = 1;
  record.revision = 1;
  return record;
}

/* 1 if the secret that the call gave has this key with this text. */
KIST_FAKE int kist_fake_has(const kist_fake_call* call, const char* key, const char* text) {
  for (size_t i = 0; i < call->value_count; ++i) {
    const kist_value* const entry = &call->values[i];
    if (strcmp((const char*)entry->key.data, key) == 0)
      return entry->value.size == strlen(text) &&
             memcmp(entry->value.data, text, entry->value.size) == 0;
  }
  return 0;
}
KIST_FAKE void kist_fake_set_table(kist_host* table) {
  table->struct_size = sizeof(*table);
  table->abi_minor = KIST_ABI_MINOR;
  table->name = "fake";
  table->version = "1";
  table->fail = kist_fake_fail;
  table->deadline_ns = kist_fake_deadline_ns;
  table->is_cancelled = kist_fake_is_cancelled;
  table->cancel_fd = kist_fake_cancel_fd;
  table->secret_begin = kist_fake_secret_begin;
  table->value_reserve = kist_fake_value_reserve;
  table->value_commit = kist_fake_value_commit;
  table->list_item = kist_fake_list_item;
  table->list_total = kist_fake_list_total;
  table->secure_alloc = kist_fake_secure_alloc;
  table->secure_free = kist_fake_secure_free;
  table->log = kist_fake_log;
  table->get_service = kist_fake_get_service;
}

/* The host, as if it were new, but for what is held of secure_alloc(). */
KIST_FAKE kist_fake_host* kist_fake_host_begin(void) {
  kist_fake_host* const host = kist_fake_self();
  if (host->table.struct_size == 0) pthread_mutex_init(&host->mutex, NULL);
  kist_fake_set_table(&host->table);
  host->deadline_ns = 0;
  host->cancel_at = host->enough_after = host->fail_allocation = 0;
  memset(&host->deployment_id, 0xD1, sizeof(host->deployment_id));
  host->misuse[0] = '\0';
  host->is_cancelled = 0;
  while (host->texts != NULL) kist_fake_drop_block(&host->texts);
  free(host->lines);
  host->lines = NULL;
  host->line_count = 0;
  return host;
}

/* Cancels the calls that run, and those that follow until kist_fake_host_begin(). */
KIST_FAKE void kist_fake_cancel(kist_fake_host* host) {
  kist_fake_lock();
  host->is_cancelled = 1;
  for (kist_fake_call* call = host->calls; call != NULL; call = call->next) kist_fake_signal(call);
  kist_fake_unlock();
}

KIST_FAKE void kist_fake_call_free(kist_fake_call* call) {
  while (call->blocks != NULL) kist_fake_drop_block(&call->blocks);
  free(call->values);
  free(call->rows);
  memset(call, 0, sizeof(*call));
}

/* Around what the functions below do; for what they do not. */
KIST_FAKE kist_call* kist_fake_call_begin(kist_fake_call* call, int owes) {
  kist_fake_host* const host = kist_fake_self();
  kist_fake_call_free(call);
  call->message = "";
  call->owes = owes;
  call->thread = pthread_self();
  kist_fake_lock();
  call->next = host->calls;
  host->calls = call;
  kist_fake_unlock();
  return (kist_call*)call;
}
KIST_FAKE const char* kist_fake_fault_of_end(const kist_fake_call* call, kist_status status) {
  if (status != KIST_OK && call->failed_with == KIST_OK) return "KP-29: it failed without a reason";
  if (status == KIST_OK && call->failed_with != KIST_OK)
    return "KP-29: it returned success after the call had failed";
  if (status != call->failed_with) return "KP-29: it returned another code than it failed with";
  if (status != KIST_OK) return NULL;
  if (call->owes == KIST_FAKE_OWES_SECRET && (!call->has_secret || call->has_reserved))
    return "KP-29: it returned success without a whole secret";
  if (call->owes == KIST_FAKE_OWES_TOTAL && !call->has_total)
    return "KP-29: it returned success without the total that was asked for";
  return NULL;
}
KIST_FAKE kist_status kist_fake_call_end(kist_fake_call* call, kist_status status) {
  kist_fake_host* const host = kist_fake_self();
  const char* const fault = kist_fake_fault_of_end(call, status);
  kist_fake_lock();
  if (fault != NULL && !call->is_misused) kist_fake_note(call, fault);
  kist_fake_call** at = &host->calls;
  while (*at != call) at = &(*at)->next;
  *at = call->next;
#if !defined(_WIN32)
  if (call->has_pipe) close(call->pipe[0]);
  if (call->has_pipe) close(call->pipe[1]);
#endif
  call->has_pipe = 0;
  kist_fake_unlock();
  if (call->is_misused) call->message = host->misuse;
  return call->status = call->is_misused ? KIST_INTERNAL : status;
}
/* The secret is that of `id`. */
KIST_FAKE kist_status kist_fake_call_end_with(kist_fake_call* call, kist_status status,
                                              kist_uuid id) {
  if (call->has_secret && memcmp(&call->secret.id, &id, sizeof(id)) != 0)
    kist_fake_misuse(call, "KP-29: the secret is not the one that was asked for");
  return kist_fake_call_end(call, status);
}

/* The operations. Each returns call->status. */
KIST_FAKE kist_status kist_fake_open_type(kist_fake_host* host, const kist_store_type* type,
                                          const kist_option* options, size_t option_count,
                                          kist_fake_store* store, kist_fake_call* call) {
  const kist_open_request request = {sizeof(request), 0, host->deployment_id, options,
                                     option_count};
  store->type = type;
  store->handle = NULL;
  kist_call* const running = kist_fake_call_begin(call, KIST_FAKE_OWES_NOTHING);
  const kist_status status = type->open(&host->table, running, &request, &store->handle);
  if ((status == KIST_OK) != (store->handle != NULL))
    kist_fake_misuse(call, "it opened without a store, or failed with one");
  if (status != KIST_OK) store->handle = NULL;
  return kist_fake_call_end(call, status);
}
/* `type`: the name of one of the plugin's store types; null: its first. */
KIST_FAKE kist_status kist_fake_open(kist_fake_host* host, kist_plugin_entry* entry,
                                     const char* type, const kist_option* options,
                                     size_t option_count, kist_fake_store* store,
                                     kist_fake_call* call) {
  const kist_plugin* const plugin = entry(&host->table);
  const kist_store_type* const* at = plugin == NULL ? NULL : plugin->store_types;
  while (at != NULL && *at != NULL && type != NULL && strcmp((*at)->name, type) != 0) ++at;
  if (at != NULL && *at != NULL)
    return kist_fake_open_type(host, *at, options, option_count, store, call);
  store->handle = NULL;
  kist_fake_call_begin(call, KIST_FAKE_OWES_NOTHING);
  call->failed_with = KIST_FAILED_PRECONDITION;
  call->message = plugin == NULL ? "the plugin does not serve this host"
                                 : "the plugin has no store type of this name";
  return kist_fake_call_end(call, KIST_FAILED_PRECONDITION);
}
KIST_FAKE void kist_fake_close(kist_fake_store* store) {
  if (store->handle != NULL) store->type->table->close(store->handle);
  store->handle = NULL;
}

KIST_FAKE kist_status kist_fake_create(const kist_fake_store* store, const kist_record* record,
                                       const kist_value* values, size_t value_count,
                                       kist_fake_call* call) {
  const kist_create_request request = {sizeof(request), 0, record, values, value_count};
  kist_call* const running = kist_fake_call_begin(call, KIST_FAKE_OWES_SECRET);
  return kist_fake_call_end_with(
      call, store->type->table->create_secret(store->handle, running, &request), record->id);
}
KIST_FAKE kist_status kist_fake_get(const kist_fake_store* store, kist_uuid id,
                                    kist_fake_call* call) {
  const kist_get_request request = {sizeof(request), 0, id};
  kist_call* const running = kist_fake_call_begin(call, KIST_FAKE_OWES_SECRET);
  return kist_fake_call_end_with(
      call, store->type->table->get_secret(store->handle, running, &request), id);
}
/* `request`: null lists all, in ascending order of their names. */
KIST_FAKE kist_status kist_fake_list(const kist_fake_store* store, const kist_list_request* request,
                                     kist_fake_call* call) {
  kist_list_request all;
  memset(&all, 0, sizeof(all));
  all.struct_size = sizeof(all);
  all.flags = KIST_LIST_ALL_WORKSPACES | KIST_LIST_ALL_USERS;
  all.sort_field = KIST_FIELD_NAME;
  all.limit = UINT64_MAX;
  if (request == NULL) request = &all;
  const int owes_total = (request->flags & KIST_LIST_WITH_TOTAL) != 0 &&
                         (store->type->capabilities & KIST_CAP_NATIVE_QUERY) != 0;
  kist_call* const running =
      kist_fake_call_begin(call, owes_total ? KIST_FAKE_OWES_TOTAL : KIST_FAKE_OWES_ROWS);
  return kist_fake_call_end(call,
                            store->type->table->list_secrets(store->handle, running, request));
}
KIST_FAKE kist_status kist_fake_update(const kist_fake_store* store,
                                       const kist_update_request* request, kist_fake_call* call) {
  kist_call* const running = kist_fake_call_begin(call, KIST_FAKE_OWES_SECRET);
  return kist_fake_call_end_with(
      call, store->type->table->update_secret(store->handle, running, request), request->id);
}
KIST_FAKE kist_status kist_fake_delete(const kist_fake_store* store,
                                       const kist_delete_request* request, kist_fake_call* call) {
  kist_call* const running = kist_fake_call_begin(call, KIST_FAKE_OWES_NOTHING);
  return kist_fake_call_end(call,
                            store->type->table->delete_secret(store->handle, running, request));
}
/* A store without the function is in good health. */
KIST_FAKE kist_status kist_fake_health(const kist_fake_store* store, kist_fake_call* call) {
  kist_call* const running = kist_fake_call_begin(call, KIST_FAKE_OWES_NOTHING);
  if (!KIST_HAS(store->type->table, health)) return kist_fake_call_end(call, KIST_OK);
  return kist_fake_call_end(call, store->type->table->health(store->handle, running));
}

#endif
