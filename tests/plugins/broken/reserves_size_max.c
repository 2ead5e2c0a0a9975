/* SPDX-License-Identifier: Apache-2.0
 *
 * It reserves SIZE_MAX bytes, is refused, and gives up. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  const kist_record record = record_of(request->id, "a secret");
  store->host->secret_begin(call, &record);
  if (store->host->value_reserve(call, text("user"), SIZE_MAX) != NULL) abort();
  return KIST_RESOURCE_EXHAUSTED;
}

MINIMAL_PLUGIN(.get_secret = get);
