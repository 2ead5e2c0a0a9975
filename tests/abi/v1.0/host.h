/* SPDX-License-Identifier: Apache-2.0
 *
 * kist/host.h - what the host offers to a plugin. The conventions are those of types.h, and:
 *
 *   [call]  only on the thread that runs the call, before it returns.
 *   [any]   on any thread, from open() until close() returns.
 */
#ifndef KIST_HOST_H
#define KIST_HOST_H

#include "types.h"

typedef struct kist_call kist_call; /* The host's, for the time of one call. */
typedef struct kist_host kist_host;

enum { KIST_LOG_DEBUG = 1, KIST_LOG_INFO = 2, KIST_LOG_WARNING = 3, KIST_LOG_ERROR = 4 };

struct kist_host {
  uint32_t struct_size;
  uint32_t abi_minor;  /* KIST_ABI_MINOR that the host was built with. */
  const char* name;    /* "kist" */
  const char* version; /* "0.1.0" */

  /* Says why the call fails, and returns `code`, so that a store can write `return host->fail(…)`.
   * The host copies the error. What the call had written to the host before is dropped. A second
   * failure of the same call is ignored. [call] */
  kist_status (*fail)(kist_call* call, kist_status code, const kist_error* error) KIST_NOEXCEPT;

  /* CLOCK_MONOTONIC in nanoseconds; INT64_MAX: no deadline. [call] */
  int64_t (*deadline_ns)(const kist_call* call) KIST_NOEXCEPT;
  /* 1 once the caller has given up. [any] while the call runs. */
  int (*is_cancelled)(const kist_call* call) KIST_NOEXCEPT;
  /* A descriptor that polls readable once the call is cancelled, or -1. The host's: do not read or
   * close it. [call] */
  int (*cancel_fd)(kist_call* call) KIST_NOEXCEPT;

  /* The result of create, get and update: begin once, then reserve and commit each key in turn,
   * keys in ascending order of their bytes. `value_reserve` gives `size` bytes of memory that the
   * host owns, locks and wipes, or null when `size` is beyond the host's limit or memory is short:
   * return KIST_RESOURCE_EXHAUSTED then. A size of 0 is legal and gives a pointer that must not be
   * written to. `value_commit` ends it, with the number of bytes written. [call] */
  kist_status (*secret_begin)(kist_call* call, const kist_record* record) KIST_NOEXCEPT;
  void* (*value_reserve)(kist_call* call, kist_bytes key, size_t size)KIST_NOEXCEPT;
  kist_status (*value_commit)(kist_call* call, size_t size) KIST_NOEXCEPT;

  /* The result of list: one row a call, KIST_ENOUGH when no more are wanted, and any other status
   * but KIST_OK when the call has failed. `list_total` gives the number of all rows that fit, if
   * the request asks for it. [call] */
  kist_status (*list_item)(kist_call* call, const kist_record* record) KIST_NOEXCEPT;
  kist_status (*list_total)(kist_call* call, uint64_t total) KIST_NOEXCEPT;

  /* Memory for what must stay secret: locked and kept from core dumps where the host can, aligned
   * for any object. Null: there is no more. `secure_free` wipes it and takes it back; `size` is the
   * size that was asked for, and any other damages the host. A `memory` of null is ignored. Both
   * functions belong to no store: on any thread, from the entry point on, until the process ends,
   * so that what one store has allocated can be freed when no store is open. */
  void* (*secure_alloc)(size_t size)KIST_NOEXCEPT;
  void (*secure_free)(void* memory, size_t size) KIST_NOEXCEPT;

  /* One line for the operator, in UTF-8, never with a secret. [any] */
  void (*log)(const kist_host* host, int32_t level, kist_bytes message) KIST_NOEXCEPT;

  /* An optional service by its id and revision, such as "kist.http/1"; null when this host has it
   * not. [any] */
  const void* (*get_service)(const kist_host* host, const char* id)KIST_NOEXCEPT;
};

#endif
