/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LOCK_RETRY_MS = 1 }; /* flock() itself knows no deadline. */

static const char hex[] = "0123456789abcdef";

/* Closes a descriptor, and leaves errno as it is. */
static void close_file(int file) {
  const int error = errno;
  if (file >= 0) close(file);
  errno = error;
}

static void uuid_hex(const kist_uuid* id, char text[32]) {
  for (size_t i = 0; i < sizeof(id->bytes); ++i) {
    text[2 * i] = hex[id->bytes[i] >> 4];
    text[2 * i + 1] = hex[id->bytes[i] & 15];
  }
}

void uuid_text(const kist_uuid* id, char text[UUID_TEXT_SIZE]) {
  char digits[32];
  uuid_hex(id, digits);
  snprintf(text, UUID_TEXT_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", digits, digits + 8, digits + 12,
           digits + 16, digits + 20);
}

static int parse_uuid(const char* text, kist_uuid* id) {
  char expected[UUID_TEXT_SIZE];
  size_t digits = 0;
  if (strlen(text) != UUID_TEXT_SIZE - 1) return 0;
  for (const char* at = text; *at != '\0'; ++at) {
    const char* const digit = strchr(hex, *at);
    if (digit == NULL || digits == 32) continue;
    uint8_t* const byte = &id->bytes[digits++ / 2];
    *byte = (uint8_t)(*byte << 4 | (digit - hex));
  }
  uuid_text(id, expected);
  return strcmp(text, expected) == 0;
}

static int open_directory(int parent, const char* name) {
  return openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Makes the names in an open directory durable. */
static int sync_directory(int open) { return fsync(open) == 0; }

static int sync_parent(int open) {
  const int parent = open_directory(open, "..");
  const int is_done = parent >= 0 && sync_directory(parent);
  close_file(parent);
  return is_done;
}

/* Opens the directory; makes it for good, if it is not there. */
static int make_directory(int parent, const char* name) {
  const int is_new = mkdirat(parent, name, 0700) == 0;
  if (!is_new && errno != EEXIST) return -1;
  const int made = open_directory(parent, name);
  if (made < 0 || !is_new || sync_parent(made)) return made;
  close_file(made);
  return -1;
}

int directory_open(directory* result, const char* root, const kist_uuid* deployment_id) {
  char deployment[UUID_TEXT_SIZE];
  uuid_text(deployment_id, deployment);
  *result = (directory){-1, -1, -1};
  const int top = make_directory(AT_FDCWD, root);
  if (top >= 0) result->home = make_directory(top, deployment);
  close_file(top);
  if (result->home >= 0) result->records = make_directory(result->home, "records");
  if (result->records >= 0) result->names = make_directory(result->home, "names");
  if (result->names < 0) directory_close(result);
  return result->names >= 0;
}

void directory_close(directory* of) {
  close_file(of->names);
  close_file(of->records);
  close_file(of->home);
  *of = (directory){-1, -1, -1};
}

static int is_given_up(const kist_host* host, kist_call* call) {
  struct timespec now;
  const int64_t deadline = host->deadline_ns(call);
  if (host->is_cancelled(call)) return 1;
  if (deadline == INT64_MAX) return 0;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec >= deadline;
}

int directory_lock(const directory* of, const kist_host* host, kist_call* call) {
  /* flock() goes by open file, so each holder opens it anew. */
  const int file = openat(of->home, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) return -1;
  while (flock(file, LOCK_EX | LOCK_NB) != 0) {
    struct pollfd cancelled = {.fd = host->cancel_fd(call), .events = POLLIN};
    if (errno == EWOULDBLOCK || errno == EINTR) {
      poll(&cancelled, 1, LOCK_RETRY_MS);
      if (!is_given_up(host, call)) continue;
      errno = ECANCELED;
    }
    close_file(file);
    return -1;
  }
  return file;
}

record_state directory_find(const directory* of, const kist_uuid* id, record* result, int* file) {
  char name[UUID_TEXT_SIZE];
  uuid_text(id, name);
  return record_open(of->records, name, id, result, file);
}

static int is_user_scope(const record* what) { return what->header.scope == KIST_SCOPE_USER; }

/* What no two records may share (ST-2) is scope, workspace, owner where the scope is `user`, and
 * name. */
static int has_same_name(const record* one, const record* other) {
  return is_user_scope(one) == is_user_scope(other) &&
         memcmp(&one->header.workspace_id, &other->header.workspace_id, sizeof(kist_uuid)) == 0 &&
         (!is_user_scope(one) ||
          memcmp(&one->header.user_id, &other->header.user_id, sizeof(kist_uuid)) == 0) &&
         one->header.name_size == other->header.name_size &&
         memcmp(one->name, other->name, one->header.name_size) == 0;
}

/* A name may be longer than a file's, so its hash stands for it; two names may share one. */
static void hint_directory(const record* what, char name[17]) {
  char digits[32];
  uint64_t sum = record_checksum(RECORD_CHECKSUM_START, is_user_scope(what) ? "u" : "w", 1);
  uuid_hex(&what->header.workspace_id, digits);
  sum = record_checksum(sum, digits, sizeof(digits));
  if (is_user_scope(what)) {
    uuid_hex(&what->header.user_id, digits);
    sum = record_checksum(sum, digits, sizeof(digits));
  }
  sum = record_checksum(sum, what->name, what->header.name_size);
  snprintf(name, 17, "%016llx", (unsigned long long)sum);
}

/* Calls `take` for each id that names a file of a directory, until it gives 0; the directory is
 * closed. */
static int each_id(int open, int (*take)(void* context, const kist_uuid* id), void* context) {
  DIR* const stream = fdopendir(open);
  if (stream == NULL) {
    close_file(open);
    return 0;
  }
  int goes_on = 1;
  while (goes_on) {
    errno = 0;
    const struct dirent* const entry = readdir(stream);
    if (entry == NULL) break;
    kist_uuid id = {{0}};
    if (parse_uuid(entry->d_name, &id)) goes_on = take(context, &id);
  }
  const int error = errno;
  closedir(stream);
  errno = error;
  return error == 0;
}

typedef struct name_search {
  const directory* in;
  const record* wanted;
  int is_taken;
} name_search;

static int look_at_name(void* context, const kist_uuid* id) {
  name_search* const search = context;
  record found;
  int file = -1;
  if (memcmp(id, &search->wanted->header.id, sizeof(*id)) == 0) return 1;
  const record_state state = directory_find(search->in, id, &found, &file);
  close_file(file);
  if (state == RECORD_FAILED) return 0;
  search->is_taken = state == RECORD_GOOD && has_same_name(&found, search->wanted);
  errno = 0;
  return !search->is_taken;
}

int directory_is_name_taken(const directory* of, const record* wanted) {
  char name[17];
  name_search search = {of, wanted, 0};
  hint_directory(wanted, name);
  const int hints = open_directory(of->names, name);
  if (hints < 0) return errno == ENOENT ? 0 : -1;
  return each_id(hints, look_at_name, &search) ? search.is_taken : -1;
}

int directory_put(const directory* of, record* what, const kist_value* values, size_t count,
                  int* is_settled) {
  char name[UUID_TEXT_SIZE];
  const int file =
      openat(of->home, "next", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) return 0;
  const int is_written = record_write(file, what, values, count);
  close_file(file);
  uuid_text(&what->header.id, name);
  if (!is_written || renameat(of->home, "next", of->records, name) != 0) return 0;
  *is_settled = sync_directory(of->records);
  return 1;
}

int directory_remove(const directory* of, const kist_uuid* id, int* is_settled) {
  char name[UUID_TEXT_SIZE];
  uuid_text(id, name);
  if (unlinkat(of->records, name, 0) != 0) return 0;
  *is_settled = sync_directory(of->records);
  return 1;
}

int directory_add_hint(const directory* of, const record* what) {
  char hash[17], name[UUID_TEXT_SIZE];
  hint_directory(what, hash);
  uuid_text(&what->header.id, name);
  const int hints = make_directory(of->names, hash);
  if (hints < 0) return 0;
  const int hint = openat(hints, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  const int is_done = hint >= 0 && sync_directory(hints);
  close_file(hint);
  close_file(hints);
  return is_done;
}

void directory_drop_hint(const directory* of, const record* what) {
  char hash[17], path[17 + UUID_TEXT_SIZE], name[UUID_TEXT_SIZE];
  hint_directory(what, hash);
  uuid_text(&what->header.id, name);
  snprintf(path, sizeof(path), "%s/%s", hash, name);
  unlinkat(of->names, path, 0);
  unlinkat(of->names, hash, AT_REMOVEDIR); /* Fails while another record's hint is in it. */
}

typedef struct id_list {
  kist_uuid* ids;
  size_t count, room;
} id_list;

static int add_id(void* context, const kist_uuid* id) {
  id_list* const list = context;
  if (list->count == list->room) {
    const size_t room = list->room == 0 ? 64 : 2 * list->room;
    kist_uuid* const larger = realloc(list->ids, room * sizeof(*larger));
    if (larger == NULL) return 0;
    list->ids = larger;
    list->room = room;
  }
  list->ids[list->count++] = *id;
  errno = 0;
  return 1;
}

int directory_list(const directory* of, kist_uuid** ids, size_t* count) {
  id_list list = {NULL, 0, 0};
  const int records = open_directory(of->home, "records"); /* With a place in it of its own. */
  const int is_done = records >= 0 && each_id(records, add_id, &list);
  if (!is_done) free(list.ids);
  *ids = is_done ? list.ids : NULL;
  *count = is_done ? list.count : 0;
  return is_done;
}
