/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-29: a key has 256 bytes. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  const kist_record record = record_of(request->id, "a secret");
  char key[257] = "";
  memset(key, 'k', sizeof(key) - 1);
  store->host->secret_begin(call, &record);
  send_value(store, call, key, text("alice"));
  return KIST_OK;
}

MINIMAL_PLUGIN(.get_secret = get);
