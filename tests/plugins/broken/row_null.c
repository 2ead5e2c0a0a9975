/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-29: it sends a row without a record. */
#include "minimal_plugin.h"

static kist_status list(kist_store* store, kist_call* call, const kist_list_request* request) {
  (void)request;
  store->host->list_item(call, NULL);
  return KIST_OK;
}

MINIMAL_PLUGIN(.list_secrets = list);
