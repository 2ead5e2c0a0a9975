/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-29: a key has a size and no bytes. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  const kist_record record = record_of(request->id, "a secret");
  store->host->secret_begin(call, &record);
  store->host->value_reserve(call, (kist_bytes){NULL, 5}, 1);
  return KIST_OK;
}

MINIMAL_PLUGIN(.get_secret = get);
