/* SPDX-License-Identifier: Apache-2.0
 *
 * ST-9: rows of no known scope, and with names that are none; each is listed, with what is known
 * of it. */
#include "minimal_plugin.h"

static kist_status list(kist_store* store, kist_call* call, const kist_list_request* request) {
  (void)request;
  char long_name[257] = "";
  memset(long_name, 'n', sizeof(long_name) - 1);
  const char* const names[] = {"scope",   "",     "caf\xe9", "a\n\x1b[31mERROR",
                               long_name, "size", "good"};
  for (uint8_t i = 0; i < 7; ++i) {
    kist_record record = record_of((kist_uuid){{i}}, names[i]);
    if (i == 0) record.scope = UINT32_MAX;
    if (i == 5) record.name.size = SIZE_MAX;
    const kist_status status = store->host->list_item(call, &record);
    if (status != KIST_OK) return status;
  }
  return KIST_OK;
}

MINIMAL_PLUGIN(.list_secrets = list);
