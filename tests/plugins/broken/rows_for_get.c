/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-29: it gives rows to who asks for one secret. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  const kist_record record = record_of(request->id, "a secret");
  store->host->list_item(call, &record);
  return good_get(store, call, request);
}

MINIMAL_PLUGIN(.get_secret = get);
