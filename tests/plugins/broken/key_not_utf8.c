/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-29: a key is not UTF-8. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  const kist_record record = record_of(request->id, "a secret");
  store->host->secret_begin(call, &record);
  send_value(store, call, "caf\xe9", text("alice"));
  return KIST_OK;
}

MINIMAL_PLUGIN(.get_secret = get);
