/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "record_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct value_header {
  uint32_t key_size, value_size;
} value_header;

static const char record_magic[8] = {'k', 'i', 's', 't', 'd', 'i', 'r', '1'};

_Static_assert(sizeof(record_header) == 112, "no padding in the file");

uint64_t record_checksum(uint64_t sum, const void* data, size_t size) {
  const unsigned char* const bytes = data;
  for (size_t i = 0; i < size; ++i) sum = (sum ^ bytes[i]) * 0x100000001b3u;
  return sum;
}

static uint64_t metadata_checksum(const record* of) {
  const uint64_t sum = record_checksum(RECORD_CHECKSUM_START, &of->header,
                                       offsetof(record_header, metadata_checksum));
  return record_checksum(sum, of->name, of->header.name_size);
}

/* 1: all of it was read, 0: the file ends before, -1: errno says why. */
static int read_all(int file, void* data, size_t size) {
  char* rest = data;
  while (size > 0) {
    const ssize_t count = read(file, rest, size);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return (int)count;
    rest += count;
    size -= (size_t)count;
  }
  return 1;
}

static int write_all(int file, const void* data, size_t size) {
  const char* rest = data;
  while (size > 0) {
    const ssize_t count = write(file, rest, size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return 0;
    rest += count;
    size -= (size_t)count;
  }
  return 1;
}

static record_state state_of(int read_result) {
  return read_result == 1 ? RECORD_GOOD : read_result == 0 ? RECORD_DAMAGED : RECORD_FAILED;
}

static record_state read_metadata(int file, const kist_uuid* id, record* result) {
  record_header* const header = &result->header;
  record_state state = state_of(read_all(file, header, sizeof(*header)));
  if (state != RECORD_GOOD) return state;
  if (memcmp(header->magic, record_magic, sizeof(record_magic)) != 0 ||
      memcmp(&header->id, id, sizeof(*id)) != 0 || header->name_size > RECORD_NAME_MAX)
    return RECORD_DAMAGED;
  state = state_of(read_all(file, result->name, header->name_size));
  if (state != RECORD_GOOD) return state;
  return metadata_checksum(result) == header->metadata_checksum ? RECORD_GOOD : RECORD_DAMAGED;
}

record_state record_open(int directory, const char* name, const kist_uuid* id, record* result,
                         int* file) {
  *file = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (*file < 0) return errno == ENOENT ? RECORD_ABSENT : RECORD_FAILED;
  return read_metadata(*file, id, result);
}

/* The next value of the file's text, which begins at `*at`. False: it does not fit. */
static int take_value(const char* text, size_t size, size_t* at, kist_value* result) {
  value_header sizes;
  if (size - *at < sizeof(sizes)) return 0;
  memcpy(&sizes, text + *at, sizeof(sizes));
  *at += sizeof(sizes);
  if (size - *at < (size_t)sizes.key_size + sizes.value_size) return 0;
  *result = (kist_value){.key = {text + *at, sizes.key_size},
                         .value = {text + *at + sizes.key_size, sizes.value_size}};
  *at += (size_t)sizes.key_size + sizes.value_size;
  return 1;
}

static record_state take_values(const record* of, record_values* values) {
  const char* const text = values->memory;
  size_t at = 0;
  if (record_checksum(RECORD_CHECKSUM_START, text, values->memory_size) !=
      of->header.values_checksum)
    return RECORD_DAMAGED;
  while (values->count < of->header.value_count) {
    if (!take_value(text, values->memory_size, &at, &values->list[values->count]))
      return RECORD_DAMAGED;
    ++values->count;
  }
  return at == values->memory_size ? RECORD_GOOD : RECORD_DAMAGED;
}

record_state record_read_values(const kist_host* host, int file, const record* of,
                                record_values* result) {
  *result = (record_values){0};
  struct stat status;
  if (fstat(file, &status) != 0) return RECORD_FAILED;
  const size_t before = sizeof(record_header) + of->header.name_size;
  const size_t whole = (size_t)status.st_size;
  if (whole < before || of->header.value_count > (whole - before) / sizeof(value_header))
    return RECORD_DAMAGED;
  result->memory_size = whole - before;
  result->memory = host->secure_alloc(result->memory_size);
  result->list = calloc((size_t)of->header.value_count + 1, sizeof(*result->list));
  record_state state = RECORD_NO_MEMORY;
  if (result->memory != NULL && result->list != NULL)
    state = state_of(read_all(file, result->memory, result->memory_size));
  if (state == RECORD_GOOD) state = take_values(of, result);
  if (state != RECORD_GOOD) record_values_free(host, result);
  return state;
}

void record_values_free(const kist_host* host, record_values* values) {
  host->secure_free(values->memory, values->memory_size);
  free(values->list);
  *values = (record_values){0};
}

static uint64_t values_checksum(const kist_value* values, size_t count) {
  uint64_t sum = RECORD_CHECKSUM_START;
  for (size_t i = 0; i < count; ++i) {
    const value_header sizes = {(uint32_t)values[i].key.size, (uint32_t)values[i].value.size};
    sum = record_checksum(sum, &sizes, sizeof(sizes));
    sum = record_checksum(sum, values[i].key.data, values[i].key.size);
    sum = record_checksum(sum, values[i].value.data, values[i].value.size);
  }
  return sum;
}

int record_write(int file, record* of, const kist_value* values, size_t count) {
  record_header* const header = &of->header;
  memcpy(header->magic, record_magic, sizeof(record_magic));
  header->value_count = count;
  header->values_checksum = values_checksum(values, count);
  header->metadata_checksum = metadata_checksum(of);
  if (!write_all(file, header, sizeof(*header)) || !write_all(file, of->name, header->name_size))
    return 0;
  for (size_t i = 0; i < count; ++i) {
    const value_header sizes = {(uint32_t)values[i].key.size, (uint32_t)values[i].value.size};
    if (!write_all(file, &sizes, sizeof(sizes)) ||
        !write_all(file, values[i].key.data, values[i].key.size) ||
        !write_all(file, values[i].value.data, values[i].value.size))
      return 0;
  }
  return fsync(file) == 0;
}
