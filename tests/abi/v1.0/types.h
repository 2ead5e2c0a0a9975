/* SPDX-License-Identifier: Apache-2.0
 *
 * kist/types.h - the values that cross between a host and a plugin.
 *
 * The headers types.h, host.h, store.h and plugin.h are the whole ABI. They are C11 and C++17, and
 * include nothing but the C standard library. Within one KIST_ABI_MAJOR:
 *
 *   Growth     a struct that starts with `struct_size` only ever grows at its end. It is passed by
 *              pointer, never by value and never inside an array; each side reads only the members
 *              that lie below the other side's `struct_size` (KIST_HAS). All other structs here are
 *              frozen.
 *   Ownership  nothing changes owner. Every pointer is borrowed: it is valid until the function
 *              that received it returns, and the receiver copies what it keeps.
 *   Absence    a null member, or one beyond `struct_size`, means "not there".
 *   Unknown    flags, fields, operators and status codes of a later minor version are ignored or
 *              answered with KIST_UNIMPLEMENTED, as said at each.
 */
#ifndef KIST_TYPES_H
#define KIST_TYPES_H

#include <stddef.h>
#include <stdint.h>

#if defined(__cplusplus)
#define KIST_NOEXCEPT noexcept
#else
#define KIST_NOEXCEPT
#endif

#define KIST_ABI_MAJOR 1 /* Also in the entry point's name and in the type of the ELF note. */
#define KIST_ABI_MINOR 0 /* Members, flags and codes appended since 1.0. */

/* True if the struct that `p` points to reaches past `member` and the member is not null. */
#define KIST_HAS(p, member) \
  ((p)->struct_size >= offsetof(__typeof__(*(p)), member) + sizeof((p)->member) && (p)->member != 0)

/* Bytes that somebody else owns. Not terminated. `data` may be null when `size` is 0. Frozen. */
typedef struct kist_bytes {
  const void* data;
  size_t size;
} kist_bytes;

/* A UUID in the byte order of RFC 4122. Frozen. */
typedef struct kist_uuid {
  uint8_t bytes[16];
} kist_uuid;

/* What became of a call, sorted by what the caller can do next. The numbers are for ever. A number
 * that is not in this list reads as KIST_INTERNAL. */
typedef int32_t kist_status;
enum {
  KIST_OK = 0,
  KIST_NOT_FOUND = 1,           /* There is no such thing. */
  KIST_ALREADY_EXISTS = 2,      /* The name or the id is taken. */
  KIST_CONFLICT = 3,            /* Someone wrote first: read again, then retry. */
  KIST_INVALID_ARGUMENT = 4,    /* The request is wrong, whatever the state of the store. */
  KIST_FAILED_PRECONDITION = 5, /* The store's state or configuration forbids it. */
  KIST_PERMISSION_DENIED = 6,   /* The principal may not. */
  KIST_UNAUTHENTICATED = 7,     /* Who is asking? */
  KIST_STORE_DENIED = 8,        /* The back-end refused the host's own credentials. */
  KIST_RESOURCE_EXHAUSTED = 9,  /* Quota, rate or size. */
  KIST_UNAVAILABLE = 10,        /* Out of reach for now: the same call may work later. */
  KIST_DEADLINE_EXCEEDED = 11,  /* Time was up. */
  KIST_CANCELLED = 12,          /* The caller gave up. */
  KIST_INDETERMINATE = 13,      /* The write may or may not have happened. */
  KIST_CORRUPT = 14,            /* What is stored failed its check. */
  KIST_UNIMPLEMENTED = 15,      /* This store cannot do that. */
  KIST_INTERNAL = 16,           /* A bug. */
  /* From host to plugin only: enough rows; send no more of them and return KIST_OK. */
  KIST_ENOUGH = 100
};

enum { KIST_SCOPE_WORKSPACE = 1, KIST_SCOPE_USER = 2 };

/* Everything about a secret but its values. Times are microseconds since 1970-01-01 UTC. */
typedef struct kist_record {
  uint32_t struct_size;
  uint32_t flags; /* KIST_RECORD_* */
  kist_uuid id;
  kist_uuid workspace_id;
  kist_uuid user_id;
  kist_bytes name;   /* UTF-8, 1 to 255 code points. */
  uint32_t scope;    /* KIST_SCOPE_* */
  uint32_t reserved; /* 0. */
  int64_t created_us;
  int64_t updated_us;
  uint64_t revision; /* 1 at creation. */
} kist_record;

/* In a listing: what is stored of this secret cannot be read in full; `id` is right, and other
 * members are as far as they are known. */
enum { KIST_RECORD_UNREADABLE = 1u << 0 };

/* One key of a secret with its value, or, in an update, with the word that the key goes. Frozen. */
typedef struct kist_value {
  kist_bytes key;   /* UTF-8, 1 to 255 bytes, no NUL. */
  kist_bytes value; /* Any bytes. */
  uint32_t remove;  /* In an update's patch: 1 removes the key. Otherwise 0. */
  uint32_t reserved;
} kist_value;

/* One option of a store's configuration: checked by the host against the manifest, defaults filled
 * in. Frozen. Text by kind: KIST_OPTION_INTEGER in decimal, KIST_OPTION_BOOLEAN "true" or "false",
 * KIST_OPTION_PATH absolute. A secret one lies in memory that the host locks and wipes. */
typedef struct kist_option {
  kist_bytes name;
  kist_bytes text;
  uint32_t kind;  /* KIST_OPTION_STRING … */
  uint32_t flags; /* KIST_OPTION_IS_SECRET */
} kist_option;
enum {
  KIST_OPTION_STRING = 1,
  KIST_OPTION_INTEGER = 2,
  KIST_OPTION_BOOLEAN = 3,
  KIST_OPTION_PATH = 4
};
enum { KIST_OPTION_IS_SECRET = 1u << 0 };

/* A failure, filled by the plugin and copied by the host inside kist_host.fail(). */
typedef struct kist_error {
  uint32_t struct_size;
  uint32_t flags;          /* KIST_ERROR_* */
  kist_bytes message;      /* One sentence in UTF-8 that names the thing. Never a secret. */
  kist_bytes backend_code; /* The back-end's own word for it, such as "SQLITE_BUSY"; or empty. */
  uint32_t retry_after_ms; /* 0: no hint. */
  uint32_t reserved;
} kist_error;
enum { KIST_ERROR_STORE_BROKEN = 1u << 0 }; /* Close this store and open it anew. */

#endif
