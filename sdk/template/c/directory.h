/* SPDX-License-Identifier: Apache-2.0
 *
 * The directory of a store, for one machine: any number of hosts may share it.
 *
 *   <root>/<deployment>/lock                    held by the one who writes
 *   <root>/<deployment>/next                    the record that is being written
 *   <root>/<deployment>/records/<id>            one secret each
 *   <root>/<deployment>/names/<hash>/<id>       a hint: this record may have a name with this hash
 *
 * A record comes into being, changes and goes by one rename or unlink, so that a reader needs no
 * lock and a crash leaves the old record or the new one. The record is the truth about its name: a
 * hint is made before it is needed, dropped after, and counts for nothing without its record.
 *
 * What can fail returns false, and errno says why.
 */
#ifndef SAMPLE_DIRECTORY_H
#define SAMPLE_DIRECTORY_H

#include "record_file.h"

#define UUID_TEXT_SIZE 37 /* With the NUL. */

typedef struct directory {
  int home, records, names; /* Open directories; -1: not open. */
} directory;

void uuid_text(const kist_uuid* id, char text[UUID_TEXT_SIZE]);

int directory_open(directory* result, const char* root, const kist_uuid* deployment_id);
void directory_close(directory* of);

/* Keeps all others from writing, threads and processes alike, until the file that is given is
 * closed. -1: errno says why; ECANCELED: the call was given up, or its time is up. */
int directory_lock(const directory* of, const kist_host* host, kist_call* call);

record_state directory_find(const directory* of, const kist_uuid* id, record* result, int* file);
/* 1: another record has this unique name, 0: none, -1: errno says why. With the lock. */
int directory_is_name_taken(const directory* of, const record* wanted);
/* Makes the record durable, or changes nothing. With the lock. `*is_settled` is false where it is
 * there for all to see, and a crash may undo it. */
int directory_put(const directory* of, record* what, const kist_value* values, size_t count,
                  int* is_settled);
int directory_remove(const directory* of, const kist_uuid* id, int* is_settled);

int directory_add_hint(const directory* of, const record* what);
void directory_drop_hint(const directory* of, const record* what);

/* The ids of all records, to be freed. With the lock: a directory that is written to meanwhile may
 * list a file twice or not at all. */
int directory_list(const directory* of, kist_uuid** ids, size_t* count);

#endif
