/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-29: it returns success in the middle of a value. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  const kist_record record = record_of(request->id, "a secret");
  store->host->secret_begin(call, &record);
  store->host->value_reserve(call, text("password"), 8);
  return KIST_OK;
}

MINIMAL_PLUGIN(.get_secret = get);
