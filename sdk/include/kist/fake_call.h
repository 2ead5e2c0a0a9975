/* SPDX-License-Identifier: Apache-2.0
 *
 * kist/fake_call.h - what a plugin may call on the fake host, and what the host keeps of it. Tests
 * include fake_host.h.
 */
#ifndef KIST_FAKE_CALL_H
#define KIST_FAKE_CALL_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if !defined(_WIN32)
#include <unistd.h>
#endif

#include "store.h"

#if defined(__cplusplus)
#define KIST_FAKE inline /* One host in the whole program. */
#else
#define KIST_FAKE static inline
#endif

enum { KIST_FAKE_VALUE_BYTES_MAX = 1024 * 1024 };

/* Memory that the host gave, or a copy that it made; the bytes lie behind. */
typedef struct kist_fake_block {
  struct kist_fake_block* next;
  size_t size;
  max_align_t aligns_what_follows;
} kist_fake_block;

enum { KIST_FAKE_OWES_NOTHING, KIST_FAKE_OWES_SECRET, KIST_FAKE_OWES_ROWS, KIST_FAKE_OWES_TOTAL };

/* What the plugin wrote into the host in a call, until the next call with this, or
 * kist_fake_call_free(). Begins as {0}. */
typedef struct kist_fake_call {
  kist_status status;  /* KIST_INTERNAL as well after a misuse. */
  const char* message; /* Why it failed. */
  kist_error error;    /* As fail() had it. */
  int has_secret, has_total;
  kist_record secret;
  kist_value* values;
  size_t value_count;
  kist_record* rows;
  size_t row_count;
  uint64_t total;

  /* The host's own. */
  pthread_t thread;
  int owes, has_reserved, has_pipe;
  kist_status failed_with;
  kist_fake_block* blocks;
  /* Guarded by the host's mutex. */
  struct kist_fake_call* next;
  size_t turns;
  int is_cancelled, is_signalled, is_misused;
  int pipe[2];
} kist_fake_call;

typedef struct kist_fake_line {
  int32_t level; /* KIST_LOG_* */
  const char* text;
} kist_fake_line;

typedef struct kist_fake_host {
  kist_host table; /* What the plugin gets. */

  /* How the host behaves; to be set while no call runs. 0: not so. */
  int64_t deadline_ns;    /* 1 is long past. */
  size_t cancel_at;       /* A call is cancelled when it turns to the host for this time. */
  size_t enough_after;    /* This many rows. */
  size_t fail_allocation; /* Counts down with each allocation in a call, and fails the last. */
  kist_uuid deployment_id;

  /* What the plugin did. */
  char misuse[128]; /* The first rule that it broke; empty: none. */
  kist_fake_line* lines;
  size_t line_count;
  size_t secure_blocks; /* What secure_alloc() gave, and has not got back. */

  /* The host's own, guarded by the mutex. */
  pthread_mutex_t mutex;
  int is_cancelled;
  kist_fake_call* calls; /* Those that run. */
  kist_fake_block *secure, *texts;
} kist_fake_host;

KIST_FAKE kist_fake_host* kist_fake_self(void) {
  static kist_fake_host host;
  return &host;
}
KIST_FAKE void kist_fake_lock(void) { pthread_mutex_lock(&kist_fake_self()->mutex); }
KIST_FAKE void kist_fake_unlock(void) { pthread_mutex_unlock(&kist_fake_self()->mutex); }

KIST_FAKE char* kist_fake_bytes(kist_fake_block* block) { return (char*)(block + 1); }
KIST_FAKE kist_fake_block* kist_fake_add_block(kist_fake_block** list, size_t size) {
  kist_fake_block* const block = (kist_fake_block*)malloc(sizeof(*block) + size);
  if (block == NULL) abort();
  block->size = size;
  block->next = *list;
  return *list = block;
}
KIST_FAKE void kist_fake_drop_block(kist_fake_block** list) {
  kist_fake_block* const block = *list;
  *list = block->next;
  free(block);
}
/* A copy that ends with a NUL. */
KIST_FAKE kist_bytes kist_fake_copy(kist_fake_block** list, kist_bytes of) {
  char* const copy = kist_fake_bytes(kist_fake_add_block(list, of.size + 1));
  if (of.size != 0) memcpy(copy, of.data, of.size);
  copy[of.size] = '\0';
  of.data = copy;
  return of;
}
/* A list with room for one more: twice as much whenever `count` is a power of two. */
KIST_FAKE void* kist_fake_grown(void* list, size_t count, size_t item_size) {
  if ((count & (count - 1)) != 0) return list;
  list = realloc(list, 2 * (count + 1) * item_size);
  if (list == NULL) abort();
  return list;
}

/* With the lock. `call` may be null. */
KIST_FAKE void kist_fake_note(kist_fake_call* call, const char* misuse) {
  kist_fake_host* const host = kist_fake_self();
  if (host->misuse[0] == '\0') snprintf(host->misuse, sizeof(host->misuse), "%s", misuse);
  if (call != NULL) call->is_misused = 1;
}
KIST_FAKE kist_status kist_fake_misuse(kist_fake_call* call, const char* what) {
  kist_fake_lock();
  kist_fake_note(call, what);
  kist_fake_unlock();
  return KIST_INTERNAL;
}
/* With the lock. */
KIST_FAKE void kist_fake_signal(kist_fake_call* call) {
  call->is_cancelled |= kist_fake_self()->is_cancelled;
#if !defined(_WIN32)
  if (call->is_cancelled && call->has_pipe && !call->is_signalled)
    call->is_signalled = write(call->pipe[1], "", 1) == 1;
#endif
}
/* The plugin turns to the host: its call, or null if that does not run, or not on this thread. */
KIST_FAKE kist_fake_call* kist_fake_turn(const kist_call* given, int on_any_thread) {
  kist_fake_host* const host = kist_fake_self();
  const char* fault = NULL;
  kist_fake_lock();
  kist_fake_call* call = host->calls;
  while (call != NULL && (const kist_call*)call != given) call = call->next;
  if (call == NULL) {
    fault = "KP-9: it called the host for a call that does not run";
  } else {
    call->is_cancelled |= ++call->turns == host->cancel_at;
    kist_fake_signal(call);
    if (!on_any_thread && !pthread_equal(call->thread, pthread_self()))
      fault = "KP-9: it called the host for this call from another thread";
  }
  if (fault != NULL) kist_fake_note(call, fault);
  kist_fake_unlock();
  return fault == NULL ? call : NULL;
}
/* A turn that writes a result. Null: `*status` is what to return. */
KIST_FAKE kist_fake_call* kist_fake_writing_turn(kist_call* given, kist_status* status) {
  kist_fake_call* const call = kist_fake_turn(given, 0);
  *status = call == NULL ? KIST_INTERNAL : call->failed_with;
  return *status == KIST_OK ? call : NULL;
}

KIST_FAKE kist_status kist_fake_fail(kist_call* given, kist_status code,
                                     const kist_error* error) KIST_NOEXCEPT {
  kist_status status;
  kist_fake_call* const call = kist_fake_writing_turn(given, &status);
  if (call == NULL) return status;
  if (code < KIST_NOT_FOUND || code > KIST_INTERNAL)
    return kist_fake_misuse(call, "KP-17: it failed with a code that is none");
  call->failed_with = code;
  call->has_secret = call->has_total = call->has_reserved = 0;
  call->value_count = call->row_count = 0;
  if (error == NULL) return code;
  memcpy(&call->error, error,
         error->struct_size < sizeof(*error) ? error->struct_size : sizeof(*error));
  call->error.message = kist_fake_copy(&call->blocks, call->error.message);
  call->error.backend_code = kist_fake_copy(&call->blocks, call->error.backend_code);
  call->message = (const char*)call->error.message.data;
  return code;
}
KIST_FAKE int64_t kist_fake_deadline_ns(const kist_call* given) KIST_NOEXCEPT {
  const int64_t deadline = kist_fake_self()->deadline_ns;
  return kist_fake_turn(given, 0) == NULL || deadline == 0 ? INT64_MAX : deadline;
}
KIST_FAKE int kist_fake_is_cancelled(const kist_call* given) KIST_NOEXCEPT {
  kist_fake_call* const call = kist_fake_turn(given, 1);
  if (call == NULL) return 1;
  kist_fake_lock();
  const int is_cancelled = call->is_cancelled;
  kist_fake_unlock();
  return is_cancelled;
}
KIST_FAKE int kist_fake_cancel_fd(kist_call* given) KIST_NOEXCEPT {
  kist_fake_call* const call = kist_fake_turn(given, 0);
  if (call == NULL) return -1;
#if !defined(_WIN32) /* There no pipe can be polled. */
  kist_fake_lock();
  if (!call->has_pipe) call->has_pipe = pipe(call->pipe) == 0;
  kist_fake_signal(call);
  kist_fake_unlock();
#endif
  return call->has_pipe ? call->pipe[0] : -1;
}

/* What is wrong with the record, or null; `*copy` is it. */
KIST_FAKE const char* kist_fake_take(kist_fake_call* call, const kist_record* given,
                                     kist_record* copy) {
  memset(copy, 0, sizeof(*copy));
  if (given == NULL) return "KP-29: it sent no record";
  memcpy(copy, given, given->struct_size < sizeof(*copy) ? given->struct_size : sizeof(*copy));
  const int is_readable = (copy->flags & KIST_RECORD_UNREADABLE) == 0;
  if (copy->name.size > 1020 || (is_readable && copy->name.size == 0))
    return "KP-29: a name is not 1 to 1020 bytes long";
  if (is_readable && copy->scope != KIST_SCOPE_WORKSPACE && copy->scope != KIST_SCOPE_USER)
    return "KP-29: a scope is neither workspace nor user";
  copy->name = kist_fake_copy(&call->blocks, copy->name);
  return NULL;
}
KIST_FAKE kist_status kist_fake_secret_begin(kist_call* given,
                                             const kist_record* record) KIST_NOEXCEPT {
  kist_status status;
  kist_fake_call* const call = kist_fake_writing_turn(given, &status);
  if (call == NULL) return status;
  if (call->owes != KIST_FAKE_OWES_SECRET)
    return kist_fake_misuse(call, "KP-29: it began a secret in a call that has none");
  if (call->has_secret) return kist_fake_misuse(call, "KP-29: it began a second secret");
  const char* const fault = kist_fake_take(call, record, &call->secret);
  if (fault != NULL) return kist_fake_misuse(call, fault);
  call->has_secret = 1;
  return KIST_OK;
}
KIST_FAKE const char* kist_fake_fault_of_key(const kist_fake_call* call, kist_bytes key) {
  if (!call->has_secret) return "KP-29: it reserved a value before it began a secret";
  if (call->has_reserved) return "KP-29: it reserved a value before the last one was committed";
  if (key.size == 0 || key.size > 255 || memchr(key.data, 0, key.size) != NULL)
    return "KP-29: a key of the secret is not 1 to 255 bytes without NUL";
  if (call->value_count == 0) return NULL;
  const kist_bytes last = call->values[call->value_count - 1].key;
  const int order = memcmp(last.data, key.data, last.size < key.size ? last.size : key.size);
  if (order < 0 || (order == 0 && last.size < key.size)) return NULL;
  return "KP-29: the keys of the secret are not in ascending order";
}
/* With the lock. */
KIST_FAKE int kist_fake_has_memory(void) {
  kist_fake_host* const host = kist_fake_self();
  return host->calls == NULL || host->fail_allocation == 0 || --host->fail_allocation != 0;
}
KIST_FAKE void* kist_fake_value_reserve(kist_call* given, kist_bytes key,
                                        size_t size) KIST_NOEXCEPT {
  kist_status status;
  kist_fake_call* const call = kist_fake_writing_turn(given, &status);
  if (call == NULL) return NULL;
  const char* const fault = kist_fake_fault_of_key(call, key);
  if (fault != NULL) {
    kist_fake_misuse(call, fault);
    return NULL;
  }
  kist_fake_lock();
  const int has_memory = kist_fake_has_memory() && size <= KIST_FAKE_VALUE_BYTES_MAX;
  kist_fake_unlock();
  if (!has_memory) {
    call->failed_with = KIST_RESOURCE_EXHAUSTED;
    call->message = "the host has no room for the secret";
    return NULL;
  }
  const kist_bytes memory = {kist_fake_bytes(kist_fake_add_block(&call->blocks, size)), size};
  const kist_value value = {kist_fake_copy(&call->blocks, key), memory, 0, 0};
  call->values =
      (kist_value*)kist_fake_grown(call->values, call->value_count, sizeof(*call->values));
  call->values[call->value_count] = value;
  call->has_reserved = 1;
  return (void*)memory.data;
}
KIST_FAKE kist_status kist_fake_value_commit(kist_call* given, size_t size) KIST_NOEXCEPT {
  kist_status status;
  kist_fake_call* const call = kist_fake_writing_turn(given, &status);
  if (call == NULL) return status;
  if (!call->has_reserved)
    return kist_fake_misuse(call, "KP-29: it committed a value that it had not reserved");
  if (size > call->values[call->value_count].value.size)
    return kist_fake_misuse(call, "KP-29: it committed more bytes than it had reserved");
  call->values[call->value_count++].value.size = size;
  call->has_reserved = 0;
  return KIST_OK;
}
KIST_FAKE kist_status kist_fake_list_item(kist_call* given, const kist_record* row) KIST_NOEXCEPT {
  const size_t enough_after = kist_fake_self()->enough_after;
  kist_status status;
  kist_fake_call* const call = kist_fake_writing_turn(given, &status);
  if (call == NULL) return status;
  if (call->owes < KIST_FAKE_OWES_ROWS)
    return kist_fake_misuse(call, "KP-29: it sent a row in a call that has none");
  if (enough_after != 0 && call->row_count >= enough_after)
    return kist_fake_misuse(call, "KP-12: it sent a row after KIST_ENOUGH");
  call->rows = (kist_record*)kist_fake_grown(call->rows, call->row_count, sizeof(*call->rows));
  const char* const fault = kist_fake_take(call, row, &call->rows[call->row_count]);
  if (fault != NULL) return kist_fake_misuse(call, fault);
  return ++call->row_count == enough_after ? KIST_ENOUGH : KIST_OK;
}
KIST_FAKE kist_status kist_fake_list_total(kist_call* given, uint64_t total) KIST_NOEXCEPT {
  kist_status status;
  kist_fake_call* const call = kist_fake_writing_turn(given, &status);
  if (call == NULL) return status;
  if (call->owes < KIST_FAKE_OWES_ROWS)
    return kist_fake_misuse(call, "KP-29: it gave a total in a call that has none");
  if (call->has_total) return kist_fake_misuse(call, "KP-29: it gave a second total");
  call->has_total = 1;
  call->total = total;
  return KIST_OK;
}

KIST_FAKE void* kist_fake_secure_alloc(size_t size) KIST_NOEXCEPT {
  kist_fake_host* const host = kist_fake_self();
  void* memory = NULL;
  kist_fake_lock();
  if (kist_fake_has_memory() && size <= PTRDIFF_MAX / 2) {
    memory = kist_fake_bytes(kist_fake_add_block(&host->secure, size));
    ++host->secure_blocks;
  }
  kist_fake_unlock();
  return memory;
}
KIST_FAKE void kist_fake_secure_free(void* memory, size_t size) KIST_NOEXCEPT {
  kist_fake_host* const host = kist_fake_self();
  const char* fault = NULL;
  if (memory == NULL) return;
  kist_fake_lock();
  kist_fake_block** at = &host->secure;
  while (*at != NULL && kist_fake_bytes(*at) != memory) at = &(*at)->next;
  if (*at == NULL) {
    fault = "KP-6: it freed what secure_alloc had not given, or a second time";
  } else {
    if ((*at)->size != size) fault = "KP-6: it freed memory with a size that it has not";
    kist_fake_drop_block(at);
    --host->secure_blocks;
  }
  if (fault != NULL) kist_fake_note(NULL, fault);
  kist_fake_unlock();
}

KIST_FAKE void kist_fake_log(const kist_host* table, int32_t level,
                             kist_bytes message) KIST_NOEXCEPT {
  kist_fake_host* const host = kist_fake_self();
  kist_fake_lock();
  const kist_fake_line line = {level, (const char*)kist_fake_copy(&host->texts, message).data};
  host->lines =
      (kist_fake_line*)kist_fake_grown(host->lines, host->line_count, sizeof(*host->lines));
  host->lines[host->line_count++] = line;
  if (table != &host->table || level < KIST_LOG_DEBUG || level > KIST_LOG_ERROR)
    kist_fake_note(NULL, "it logged for another host, or at a level that is none");
  kist_fake_unlock();
}
KIST_FAKE const void* kist_fake_get_service(const kist_host* table, const char* id) KIST_NOEXCEPT {
  (void)table;
  (void)id;
  return NULL;
}

#endif
