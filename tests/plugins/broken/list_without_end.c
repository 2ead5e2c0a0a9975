/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-12: it goes on after KIST_ENOUGH, here for 100,000 rows, and counts the answers. */
#include "minimal_plugin.h"

static kist_status list(kist_store* store, kist_call* call, const kist_list_request* request) {
  (void)request;
  const kist_record record = record_of((kist_uuid){{1}}, "again");
  for (int i = 0; i < 100000; ++i) {
    const kist_status status = store->host->list_item(call, &record);
    if (status != KIST_OK && status != KIST_ENOUGH) return status;
  }
  store->host->list_total(call, 100000);
  return KIST_OK;
}

MANIFEST(MINIMAL_MANIFEST_OF(MINIMAL_ID, 1,
                             "{\"type\":\"minimal\",\"threading\":\"serial\","
                             "\"capabilities\":[\"native_query\"]}"));
STORE_TABLE(.list_secrets = list);
STORE_TYPE(.capabilities = KIST_CAP_NATIVE_QUERY);
PLUGIN();
