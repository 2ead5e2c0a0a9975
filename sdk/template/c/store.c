/* SPDX-License-Identifier: Apache-2.0
 *
 * A store in a directory, on the C ABI: what kist/store.h asks of a store, rule by rule as
 * docs/plugins/contract.md of Kist has them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "directory.h"

struct kist_store {
  const kist_host* host;
  directory files;
};

/* A request as this plugin knows it: what a host of another version lacks is zero. */
#define READ_REQUEST(copy, request) \
  memcpy(&(copy), (request),        \
         (request)->struct_size < sizeof(copy) ? (request)->struct_size : sizeof(copy))

/* Says why a call fails. Never with a value. */
__attribute__((format(printf, 4, 5))) static kist_status fail(const kist_host* host,
                                                              kist_call* call, kist_status code,
                                                              const char* format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  const kist_error error = {.struct_size = sizeof(error), .message = {text, strlen(text)}};
  return host->fail(call, code, &error);
}

static kist_status code_of(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return KIST_RESOURCE_EXHAUSTED;
    case EACCES:
    case EPERM:
    case EROFS:
      return KIST_FAILED_PRECONDITION;
    default:
      return KIST_UNAVAILABLE;
  }
}

/* What errno says, as an error of this store: "sample: cannot write the record: No space left on
 * device". */
static kist_status fail_with_errno(const kist_host* host, kist_call* call, const char* doing) {
  const int error = errno;
  char text[128];
  return fail(host, call, code_of(error), "sample: cannot %s: %s", doing,
              strerror_r(error, text, sizeof(text)));
}

static kist_status fail_with_id(const kist_store* store, kist_call* call, kist_status code,
                                const char* format, const kist_uuid* id) {
  char text[UUID_TEXT_SIZE];
  uuid_text(id, text);
  return fail(store->host, call, code, format, text);
}

/* KIST_OK, unless the caller has given up or its time is up. */
static kist_status check(const kist_host* host, kist_call* call) {
  struct timespec now;
  if (host->is_cancelled(call))
    return fail(host, call, KIST_CANCELLED, "sample: the call was cancelled");
  const int64_t deadline = host->deadline_ns(call);
  clock_gettime(CLOCK_MONOTONIC, &now);
  if (deadline != INT64_MAX && (int64_t)now.tv_sec * 1000000000 + now.tv_nsec >= deadline)
    return fail(host, call, KIST_DEADLINE_EXCEEDED, "sample: the time is up");
  return KIST_OK;
}

static kist_status lock(const kist_store* store, kist_call* call, int* file) {
  kist_status status = check(store->host, call);
  if (status != KIST_OK) return status;
  *file = directory_lock(&store->files, store->host, call);
  if (*file >= 0) return KIST_OK;
  const int error = errno;
  status = check(store->host, call);
  errno = error;
  return status != KIST_OK ? status : fail_with_errno(store->host, call, "lock the directory");
}

/* Whether a record was found as it should be; if not, why. */
static kist_status expect_good(const kist_store* store, kist_call* call, record_state state,
                               const kist_uuid* id) {
  switch (state) {
    case RECORD_GOOD:
      return KIST_OK;
    case RECORD_ABSENT:
      return fail_with_id(store, call, KIST_NOT_FOUND, "sample: there is no secret with id %s", id);
    case RECORD_DAMAGED:
      return fail_with_id(store, call, KIST_CORRUPT,
                          "sample: the record of secret %s failed its check", id);
    case RECORD_NO_MEMORY:
      return fail(store->host, call, KIST_RESOURCE_EXHAUSTED, "sample: out of memory");
    default:
      return fail_with_errno(store->host, call, "read the record");
  }
}

static kist_record record_for_host(const record* of) {
  return (kist_record){.struct_size = sizeof(kist_record),
                       .id = of->header.id,
                       .workspace_id = of->header.workspace_id,
                       .user_id = of->header.user_id,
                       .name = {of->name, of->header.name_size},
                       .scope = of->header.scope,
                       .created_us = of->header.created_us,
                       .updated_us = of->header.updated_us,
                       .revision = of->header.revision};
}

static kist_status send_value(const kist_host* host, kist_call* call, const kist_value* value) {
  void* const memory = host->value_reserve(call, value->key, value->value.size);
  if (memory == NULL) return KIST_RESOURCE_EXHAUSTED;
  if (value->value.size > 0) memcpy(memory, value->value.data, value->value.size);
  return host->value_commit(call, value->value.size);
}

static kist_status send_secret(const kist_store* store, kist_call* call, const record* of,
                               const kist_value* values, size_t count) {
  const kist_record sent = record_for_host(of);
  kist_status status = store->host->secret_begin(call, &sent);
  for (size_t i = 0; i < count && status == KIST_OK; ++i)
    status = send_value(store->host, call, &values[i]);
  return status;
}

static int set_name(record* of, kist_bytes name) {
  if (name.size > RECORD_NAME_MAX) return 0;
  if (name.size > 0) memcpy(of->name, name.data, name.size);
  of->header.name_size = (uint32_t)name.size;
  return 1;
}

static kist_status fail_name_taken(const kist_store* store, kist_call* call, const record* wanted) {
  return fail(store->host, call, KIST_ALREADY_EXISTS,
              "sample: a secret named '%.*s' exists in the %s scope", (int)wanted->header.name_size,
              wanted->name, wanted->header.scope == KIST_SCOPE_USER ? "user" : "workspace");
}

/* Makes the record durable under its name, if no other has it. With the lock. */
static kist_status put(const kist_store* store, kist_call* call, record* what,
                       const kist_value* values, size_t count) {
  int is_settled = 0;
  const int is_taken = directory_is_name_taken(&store->files, what);
  if (is_taken < 0) return fail_with_errno(store->host, call, "look for the name");
  if (is_taken) return fail_name_taken(store, call, what);
  if (!directory_add_hint(&store->files, what) ||
      !directory_put(&store->files, what, values, count, &is_settled))
    return fail_with_errno(store->host, call, "write the record");
  if (!is_settled)
    return fail(store->host, call, KIST_INDETERMINATE,
                "sample: whether the record is durable is not known");
  return KIST_OK;
}

static kist_status create_locked(const kist_store* store, kist_call* call, record* what,
                                 const kist_create_request* request) {
  record found;
  int file = -1;
  const record_state state = directory_find(&store->files, &what->header.id, &found, &file);
  if (file >= 0) close(file);
  if (state == RECORD_FAILED) return fail_with_errno(store->host, call, "read the record");
  if (state != RECORD_ABSENT)
    return fail_with_id(store, call, KIST_ALREADY_EXISTS, "sample: a secret with id %s exists",
                        &what->header.id);
  const kist_status status = put(store, call, what, request->values, request->value_count);
  if (status != KIST_OK) return status;
  return send_secret(store, call, what, request->values, request->value_count);
}

static kist_status create_secret(kist_store* store, kist_call* call,
                                 const kist_create_request* sent) {
  kist_create_request request = {0};
  kist_record metadata = {0};
  record what = {0};
  int lock_file = -1;
  READ_REQUEST(request, sent);
  if (request.record != NULL) READ_REQUEST(metadata, request.record);
  if (request.record == NULL || !set_name(&what, metadata.name))
    return fail(store->host, call, KIST_INVALID_ARGUMENT, "sample: the request has no record");
  what.header.id = metadata.id;
  what.header.workspace_id = metadata.workspace_id;
  what.header.user_id = metadata.user_id;
  what.header.scope = metadata.scope;
  what.header.created_us = metadata.created_us;
  what.header.updated_us = metadata.updated_us;
  what.header.revision = metadata.revision;
  kist_status status = lock(store, call, &lock_file);
  if (status != KIST_OK) return status;
  status = create_locked(store, call, &what, &request);
  close(lock_file);
  return status;
}

static kist_status get_secret(kist_store* store, kist_call* call, const kist_get_request* sent) {
  kist_get_request request = {0};
  record found;
  record_values values = {0};
  int file = -1;
  READ_REQUEST(request, sent);
  kist_status status = check(store->host, call);
  if (status != KIST_OK) return status;
  record_state state = directory_find(&store->files, &request.id, &found, &file);
  if (state == RECORD_GOOD) state = record_read_values(store->host, file, &found, &values);
  status = expect_good(store, call, state, &request.id);
  if (file >= 0) close(file);
  if (status == KIST_OK) status = send_secret(store, call, &found, values.list, values.count);
  record_values_free(store->host, &values);
  return status;
}

/* One row; what cannot be read is listed with its id alone (ST-9). */
static kist_status send_row(const kist_store* store, kist_call* call, const kist_uuid* id) {
  record found;
  int file = -1;
  kist_status status = check(store->host, call);
  if (status != KIST_OK) return status;
  const record_state state = directory_find(&store->files, id, &found, &file);
  if (file >= 0) close(file);
  if (state == RECORD_ABSENT) return KIST_OK; /* It was deleted meanwhile. */
  if (state == RECORD_FAILED) return fail_with_errno(store->host, call, "read a record");
  kist_record row = {.struct_size = sizeof(row),
                     .flags = KIST_RECORD_UNREADABLE,
                     .id = *id,
                     .scope = KIST_SCOPE_WORKSPACE};
  if (state == RECORD_GOOD) row = record_for_host(&found);
  return store->host->list_item(call, &row);
}

static kist_status list_secrets(kist_store* store, kist_call* call, const kist_list_request* sent) {
  (void)sent; /* The host filters, sorts and pages: KIST_CAP_SCAN. */
  kist_uuid* ids = NULL;
  size_t count = 0;
  int lock_file = -1;
  kist_status status = lock(store, call, &lock_file);
  if (status != KIST_OK) return status;
  if (!directory_list(&store->files, &ids, &count))
    status = fail_with_errno(store->host, call, "list the records");
  close(lock_file);
  for (size_t i = 0; i < count && status == KIST_OK; ++i) status = send_row(store, call, &ids[i]);
  free(ids);
  return status == KIST_ENOUGH ? KIST_OK : status;
}

static int compare_bytes(kist_bytes one, kist_bytes other) {
  const size_t size = one.size < other.size ? one.size : other.size;
  const int order = size == 0 ? 0 : memcmp(one.data, other.data, size);
  return order != 0 ? order : (one.size > other.size) - (one.size < other.size);
}

/* Both are in ascending order of their keys, and so is what they make. `result` has room for all.
 */
static size_t merge_patch(const kist_value* old, size_t old_count, const kist_value* patch,
                          size_t patch_count, kist_value* result) {
  size_t i = 0, j = 0, count = 0;
  while (i < old_count || j < patch_count) {
    const int order = i == old_count     ? 1
                      : j == patch_count ? -1
                                         : compare_bytes(old[i].key, patch[j].key);
    if (order < 0) {
      result[count++] = old[i++];
    } else {
      if (!patch[j].remove) result[count++] = patch[j];
      ++j;
      if (order == 0) ++i;
    }
  }
  return count;
}

static int apply_metadata(const kist_update_request* request, record* what) {
  if ((request->flags & KIST_UPDATE_NAME) != 0 && !set_name(what, request->name)) return 0;
  if ((request->flags & KIST_UPDATE_SCOPE) != 0) what->header.scope = request->scope;
  what->header.updated_us = request->updated_us;
  ++what->header.revision;
  return 1;
}

/* Writes what the update makes of the record, and sends it. With the lock. */
static kist_status apply_update(const kist_store* store, kist_call* call, const record* old,
                                const record_values* values, const kist_update_request* request) {
  record what = *old;
  const size_t patch_count = (request->flags & KIST_UPDATE_VALUES) != 0 ? request->value_count : 0;
  if (!apply_metadata(request, &what))
    return fail(store->host, call, KIST_INVALID_ARGUMENT, "sample: the name is too long");
  kist_value* const result = calloc(values->count + patch_count + 1, sizeof(*result));
  if (result == NULL)
    return fail(store->host, call, KIST_RESOURCE_EXHAUSTED, "sample: out of memory");
  const size_t count =
      merge_patch(values->list, values->count, request->values, patch_count, result);
  kist_status status = put(store, call, &what, result, count);
  const int is_renamed = old->header.scope != what.header.scope ||
                         old->header.name_size != what.header.name_size ||
                         memcmp(old->name, what.name, old->header.name_size) != 0;
  if (status == KIST_OK && is_renamed) directory_drop_hint(&store->files, old);
  if (status == KIST_OK) status = send_secret(store, call, &what, result, count);
  free(result);
  return status;
}

static kist_status update_locked(const kist_store* store, kist_call* call,
                                 const kist_update_request* request) {
  const uint32_t replace = KIST_UPDATE_VALUES | KIST_UPDATE_REPLACE;
  record old;
  record_values values = {0};
  int file = -1;
  record_state state = directory_find(&store->files, &request->id, &old, &file);
  /* Values that are lost or damaged can be replaced (ST-16). */
  if (state == RECORD_GOOD && (request->flags & replace) != replace)
    state = record_read_values(store->host, file, &old, &values);
  kist_status status = expect_good(store, call, state, &request->id);
  if (file >= 0) close(file);
  if (status == KIST_OK && (request->flags & KIST_UPDATE_IF_REVISION) != 0 &&
      old.header.revision != request->if_revision)
    status = fail_with_id(store, call, KIST_CONFLICT,
                          "sample: secret %s is not at the expected revision", &request->id);
  if (status == KIST_OK) status = apply_update(store, call, &old, &values, request);
  record_values_free(store->host, &values);
  return status;
}

static kist_status update_secret(kist_store* store, kist_call* call,
                                 const kist_update_request* sent) {
  kist_update_request request = {0};
  int lock_file = -1;
  READ_REQUEST(request, sent);
  kist_status status = lock(store, call, &lock_file);
  if (status != KIST_OK) return status;
  status = update_locked(store, call, &request);
  close(lock_file);
  return status;
}

static kist_status delete_locked(const kist_store* store, kist_call* call,
                                 const kist_delete_request* request) {
  record found;
  int file = -1, is_settled = 0;
  const record_state state = directory_find(&store->files, &request->id, &found, &file);
  if (file >= 0) close(file);
  if (state != RECORD_DAMAGED) { /* What cannot be read can be deleted (ST-16). */
    const kist_status status = expect_good(store, call, state, &request->id);
    if (status != KIST_OK) return status;
  }
  if ((request->flags & KIST_DELETE_IF_REVISION) != 0 &&
      (state == RECORD_DAMAGED || found.header.revision != request->if_revision))
    return fail_with_id(store, call, KIST_CONFLICT,
                        "sample: secret %s is not at the expected revision", &request->id);
  if (!directory_remove(&store->files, &request->id, &is_settled))
    return fail_with_errno(store->host, call, "remove the record");
  if (!is_settled)
    return fail(store->host, call, KIST_INDETERMINATE,
                "sample: whether the record is gone for good is not known");
  if (state == RECORD_GOOD) directory_drop_hint(&store->files, &found);
  return KIST_OK;
}

static kist_status delete_secret(kist_store* store, kist_call* call,
                                 const kist_delete_request* sent) {
  kist_delete_request request = {0};
  int lock_file = -1;
  READ_REQUEST(request, sent);
  kist_status status = lock(store, call, &lock_file);
  if (status != KIST_OK) return status;
  status = delete_locked(store, call, &request);
  close(lock_file);
  return status;
}

static void close_store(kist_store* store) {
  directory_close(&store->files);
  free(store);
}

/* The option as a text of C, to be freed; null: there is no such option, or no memory. */
static char* option_text(const kist_open_request* request, const char* name) {
  for (size_t i = 0; i < request->option_count; ++i) {
    const kist_option* const option = &request->options[i];
    if (option->name.size == strlen(name) && memcmp(option->name.data, name, strlen(name)) == 0)
      return strndup(option->text.data, option->text.size);
  }
  return NULL;
}

static kist_status open_store(const kist_host* host, kist_call* call, const kist_open_request* sent,
                              kist_store** result) {
  kist_open_request request = {0};
  READ_REQUEST(request, sent);
  kist_status status = check(host, call);
  if (status != KIST_OK) return status;
  char* const root = option_text(&request, "root");
  if (root == NULL)
    return fail(host, call, KIST_INVALID_ARGUMENT, "sample: the option 'root' is missing");
  kist_store* const store = calloc(1, sizeof(*store));
  if (store == NULL) {
    status = fail(host, call, KIST_RESOURCE_EXHAUSTED, "sample: out of memory");
  } else if (!directory_open(&store->files, root, &request.deployment_id)) {
    status = fail_with_errno(host, call, "open the directory");
  } else {
    store->host = host;
    *result = store;
  }
  if (status != KIST_OK) free(store);
  free(root);
  return status;
}

static const kist_store_table store_table = {.struct_size = sizeof(store_table),
                                             .create_secret = create_secret,
                                             .get_secret = get_secret,
                                             .list_secrets = list_secrets,
                                             .update_secret = update_secret,
                                             .delete_secret = delete_secret,
                                             .close = close_store};

static const kist_store_type store_type = {
    .struct_size = sizeof(store_type),
    .threading = KIST_THREADING_CONCURRENT,
    .capabilities = KIST_CAP_SCAN | KIST_CAP_PERSISTENT | KIST_CAP_IF_REVISION | KIST_CAP_LOCAL,
    .name = "sample",
    .table = &store_table,
    .open = open_store};

static const kist_store_type* const store_types[] = {&store_type, NULL};

static const kist_plugin plugin = {.struct_size = sizeof(plugin),
                                   .abi_major = KIST_ABI_MAJOR,
                                   .abi_minor = KIST_ABI_MINOR,
                                   .id = "org.example.sample",
                                   .version = "1.0.0",
                                   .store_types = store_types};

/* What a host reads before it runs any of this; it must say the same as the tables above. */
KIST_MANIFEST(
    "{\"manifest\":1,\"id\":\"org.example.sample\",\"version\":\"1.0.0\",\"abi\":{\"major\":1,"
    "\"minor\":0},\"vendor\":\"Example Vendor\",\"license\":\"Apache-2.0\","
    "\"summary\":\"Keeps each secret in a file of its own.\",\"stores\":[{\"type\":\"sample\","
    "\"threading\":\"concurrent\",\"capabilities\":[\"scan\",\"persistent\",\"if_revision\","
    "\"local\"],\"options\":[{\"name\":\"root\",\"kind\":\"path\",\"required\":true,"
    "\"description\":\"Directory that holds one file per secret.\"}]}]}");

static int has_what_is_used(const kist_host* host) {
  return KIST_HAS(host, fail) && KIST_HAS(host, deadline_ns) && KIST_HAS(host, is_cancelled) &&
         KIST_HAS(host, cancel_fd) && KIST_HAS(host, secret_begin) &&
         KIST_HAS(host, value_reserve) && KIST_HAS(host, value_commit) &&
         KIST_HAS(host, list_item) && KIST_HAS(host, secure_alloc) && KIST_HAS(host, secure_free);
}

const kist_plugin* kist_plugin_v1(const kist_host* host) {
  return has_what_is_used(host) ? &plugin : NULL;
}
