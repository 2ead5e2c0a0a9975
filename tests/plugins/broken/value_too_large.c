/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-29: its secret has a byte more than 1 MiB; it is refused the value, and returns success
 * without it. */
#include "minimal_plugin.h"

static char large[1024 * 1024 - 3];

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  const kist_record record = record_of(request->id, "a secret");
  store->host->secret_begin(call, &record);
  send_value(store, call, "user", (kist_bytes){large, sizeof(large)});
  return KIST_OK;
}

MINIMAL_PLUGIN(.get_secret = get);
