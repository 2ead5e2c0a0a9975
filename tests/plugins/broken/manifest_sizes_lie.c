/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-20: its note says that it has a gigabyte of text. */
#include "minimal_plugin.h"

STORE_TABLE();
STORE_TYPE();
PLUGIN();
__attribute__((used, section(".note.kist"), aligned(4))) static const struct {
  uint32_t name_size, json_size, type;
  char name[12];
  char text[4];
} note = {sizeof(KIST_NOTE_NAME), 1u << 30, KIST_NOTE_TYPE, KIST_NOTE_NAME, "{}"};
