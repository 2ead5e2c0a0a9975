/* SPDX-License-Identifier: Apache-2.0
 *
 * One secret in one file: a header, the name, then for each value a value header, the key and the
 * bytes. Numbers are in the byte order of the machine.
 */
#ifndef SAMPLE_RECORD_FILE_H
#define SAMPLE_RECORD_FILE_H

#include <kist/plugin.h>

#define RECORD_NAME_MAX 1024 /* 255 code points of UTF-8, and a few bytes more. */

typedef struct record_header {
  char magic[8];
  kist_uuid id, workspace_id, user_id;
  uint32_t scope, name_size;
  int64_t created_us, updated_us;
  uint64_t revision, value_count;
  uint64_t values_checksum;   /* Of all that follows the name. */
  uint64_t metadata_checksum; /* Of the header up to here, and the name. */
} record_header;

/* All of a secret but its values. */
typedef struct record {
  record_header header;
  char name[RECORD_NAME_MAX];
} record;

/* The values of a secret, in ascending order of their keys. They lie in `memory`, which the host
 * locks and wipes; record_values_free() gives it back. */
typedef struct record_values {
  kist_value* list;
  size_t count;
  void* memory;
  size_t memory_size;
} record_values;

typedef enum record_state {
  RECORD_GOOD,
  RECORD_ABSENT,
  RECORD_DAMAGED,   /* It cannot be read as what was written. */
  RECORD_FAILED,    /* errno says why. */
  RECORD_NO_MEMORY, /* For its values. */
} record_state;

/* FNV-1a, from RECORD_CHECKSUM_START on: finds a damaged record. It keeps nobody from forging one;
 * the mode 0600 does. */
#define RECORD_CHECKSUM_START 0xcbf29ce484222325u
uint64_t record_checksum(uint64_t sum, const void* data, size_t size);

/* Opens the file `name` of the open directory `directory`, and reads all but the values. `*file`
 * then stands behind the name, and is the caller's to close; -1: it is not open. */
record_state record_open(int directory, const char* name, const kist_uuid* id, record* result,
                         int* file);
/* Reads the values behind record_open(). Nothing is left to free but where it is RECORD_GOOD. */
record_state record_read_values(const kist_host* host, int file, const record* of,
                                record_values* result);
void record_values_free(const kist_host* host, record_values* values);

/* Writes all of a secret to an open file, and sets the checksums and sizes in its header. False:
 * errno says why. */
int record_write(int file, record* of, const kist_value* values, size_t count);

#endif
