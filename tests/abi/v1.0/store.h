/* SPDX-License-Identifier: Apache-2.0
 *
 * kist/store.h - the operations of a secrets store. The conventions are those of types.h and
 * host.h.
 *
 * What each operation must do is written, rule by rule, in docs/plugins/contract.md (ST-1 … ST-21).
 * A store whose type is KIST_THREADING_CONCURRENT gets calls on many threads at once; one that is
 * KIST_THREADING_SERIAL gets one after the other. A call must return within 250 ms of its deadline
 * or of its cancellation.
 *
 * Every operation returns KIST_OK, or the code that it gave to kist_host.fail(). The host takes a
 * call that returns KIST_OK without the result it owes, or with one that does not hold together, as
 * a failure of the store (KIST_INTERNAL).
 */
#ifndef KIST_STORE_H
#define KIST_STORE_H

#include "host.h"

typedef struct kist_store kist_store; /* The plugin's own, from open() to close(). */

typedef struct kist_create_request {
  uint32_t struct_size;
  uint32_t flags;            /* 0. */
  const kist_record* record; /* `revision` is 1. */
  const kist_value* values;  /* In ascending order of the keys' bytes. */
  size_t value_count;
} kist_create_request;

typedef struct kist_get_request {
  uint32_t struct_size;
  uint32_t flags; /* 0. */
  kist_uuid id;
} kist_get_request;

/* Which members of a kist_update_request count. */
enum {
  KIST_UPDATE_NAME = 1u << 0,
  KIST_UPDATE_SCOPE = 1u << 1,
  KIST_UPDATE_VALUES = 1u << 2,     /* `values` is a patch. */
  KIST_UPDATE_REPLACE = 1u << 3,    /* With KIST_UPDATE_VALUES: `values` is the whole new map. */
  KIST_UPDATE_IF_REVISION = 1u << 4 /* Fail with KIST_CONFLICT unless the revision is this one. */
};

typedef struct kist_update_request {
  uint32_t struct_size;
  uint32_t flags; /* KIST_UPDATE_* */
  kist_uuid id;
  kist_bytes name;
  uint32_t scope;
  uint32_t reserved;
  int64_t updated_us;
  uint64_t if_revision;
  const kist_value* values; /* In ascending order of the keys' bytes. */
  size_t value_count;
} kist_update_request;

enum { KIST_DELETE_IF_REVISION = 1u << 0 };

typedef struct kist_delete_request {
  uint32_t struct_size;
  uint32_t flags; /* KIST_DELETE_* */
  kist_uuid id;
  uint64_t if_revision;
} kist_delete_request;

enum {
  KIST_FIELD_ID = 1,
  KIST_FIELD_NAME = 2,
  KIST_FIELD_SCOPE = 3,
  KIST_FIELD_WORKSPACE_ID = 4,
  KIST_FIELD_USER_ID = 5,
  KIST_FIELD_CREATED = 6,
  KIST_FIELD_UPDATED = 7,
  KIST_FIELD_REVISION = 8 /* Sorts, is not filtered on. */
};

/* Text operators compare bytes, and no character is special. A UUID is compared as its 32 hex
 * digits in lower case, a scope as "workspace" or "user". Time operators compare `from_us` <= time
 * < `until_us`. */
enum {
  KIST_OP_EQUALS = 1,
  KIST_OP_NOT_EQUALS = 2,
  KIST_OP_CONTAINS = 3,
  KIST_OP_STARTS_WITH = 4,
  KIST_OP_ENDS_WITH = 5,
  KIST_OP_ONE_OF = 6,
  KIST_OP_IN_RANGE = 7,
  KIST_OP_NOT_IN_RANGE = 8
};

/* Frozen. */
typedef struct kist_condition {
  uint32_t field;
  uint32_t op;
  const kist_bytes* texts; /* One; any number for KIST_OP_ONE_OF, also none; none for a time. */
  size_t text_count;
  int64_t from_us, until_us; /* INT64_MIN, INT64_MAX: open at that end. */
} kist_condition;

enum {
  KIST_LIST_MATCH_ANY = 1u << 0, /* One condition is enough; otherwise all must hold. */
  KIST_LIST_DESCENDING =
      1u << 1, /* By the sort field; equal rows are in ascending order of id always. */
  KIST_LIST_WITH_TOTAL = 1u << 2,     /* Call list_total(). */
  KIST_LIST_ALL_WORKSPACES = 1u << 3, /* `workspaces` does not count. */
  KIST_LIST_ALL_USERS = 1u << 4       /* `user_id` does not count. */
};

/* A store that declares KIST_CAP_SCAN may ignore all of this and stream every record it has: the
 * host does the rest. One that declares KIST_CAP_NATIVE_QUERY does all of it, or answers
 * KIST_UNIMPLEMENTED to a field or operator that it does not know. */
typedef struct kist_list_request {
  uint32_t struct_size;
  uint32_t flags; /* KIST_LIST_* */
  /* What may be seen, whatever the conditions say: rows of these workspaces whose scope is
   * `workspace` or whose user is `user_id`. */
  const kist_uuid* workspaces;
  size_t workspace_count;
  kist_uuid user_id;
  const kist_condition* conditions; /* None: every row that may be seen. */
  size_t condition_count;
  uint32_t sort_field; /* KIST_FIELD_*; text and UUIDs sort by bytes, a scope by its name. */
  uint32_t reserved;
  uint64_t offset; /* Rows to leave out first; 0 when `after` is set. */
  uint64_t limit;  /* Rows to send at most; UINT64_MAX: all. */
  const kist_record*
      after; /* Only rows behind this one in the order; `id` and the sort field count. */
} kist_list_request;

typedef struct kist_store_table {
  uint32_t struct_size;
  uint32_t reserved;
  /* Owes one secret, as a later get gives it. Fails with KIST_ALREADY_EXISTS. */
  kist_status (*create_secret)(kist_store*, kist_call*, const kist_create_request*) KIST_NOEXCEPT;
  /* Owes one secret. Fails with KIST_NOT_FOUND, KIST_CORRUPT. */
  kist_status (*get_secret)(kist_store*, kist_call*, const kist_get_request*) KIST_NOEXCEPT;
  /* Owes any number of rows, and a total if asked for. */
  kist_status (*list_secrets)(kist_store*, kist_call*, const kist_list_request*) KIST_NOEXCEPT;
  /* Owes one secret: the new one. Fails with KIST_NOT_FOUND, KIST_ALREADY_EXISTS, KIST_CONFLICT,
   * KIST_CORRUPT (not when KIST_UPDATE_REPLACE is set). */
  kist_status (*update_secret)(kist_store*, kist_call*, const kist_update_request*) KIST_NOEXCEPT;
  /* Fails with KIST_NOT_FOUND, KIST_CONFLICT. */
  kist_status (*delete_secret)(kist_store*, kist_call*, const kist_delete_request*) KIST_NOEXCEPT;
  /* KIST_OK if the store could serve a call now. May be null: then it always could. */
  kist_status (*health)(kist_store*, kist_call*) KIST_NOEXCEPT;
  /* An optional feature by its id and revision, such as "kist.rekey/1"; null when the store has it
   * not. May be null. [any] */
  const void* (*get_extension)(kist_store*, const char* id)KIST_NOEXCEPT;
  /* Ends the store. No call is running. Joins its threads, closes its descriptors, frees it. */
  void (*close)(kist_store*) KIST_NOEXCEPT;
} kist_store_table;

typedef struct kist_open_request {
  uint32_t struct_size;
  uint32_t flags; /* 0. */
  /* Whose secrets these are. A record that another deployment wrote to the same back-end does not
   * exist for this one (ST-6). */
  kist_uuid deployment_id;
  const kist_option* options;
  size_t option_count;
} kist_open_request;

enum { KIST_THREADING_SERIAL = 0, KIST_THREADING_CONCURRENT = 1 };

enum {
  KIST_CAP_SCAN = 1u << 0, /* The list streams everything; the host filters, sorts and pages. */
  KIST_CAP_NATIVE_QUERY = 1u << 1, /* The list does it all. One of these two is set. */
  KIST_CAP_PERSISTENT = 1u << 2,   /* What was written is there after close and open. */
  KIST_CAP_IF_REVISION = 1u << 3,  /* Revisions are compared atomically. */
  KIST_CAP_LOCAL = 1u << 4,        /* Answers without the network. */
  /* The back-end encrypts what it stores, and people read values with its own tools: the host does
   * not seal them unless it is told to. */
  KIST_CAP_ENCRYPTS_AT_REST = 1u << 5
};

typedef struct kist_store_type {
  uint32_t struct_size;
  uint32_t threading;    /* KIST_THREADING_* */
  uint64_t capabilities; /* KIST_CAP_* */
  const char* name;      /* What the host's configuration calls it: 1 to 64 of a-z 0-9 _ - */
  const kist_store_table* table;
  /* Gives *store, which the host hands back to close() once. May talk to the back-end, within the
   * call's deadline. Sets nothing when it fails. */
  kist_status (*open)(const kist_host* host, kist_call* call, const kist_open_request* request,
                      kist_store** store) KIST_NOEXCEPT;
} kist_store_type;

#endif
