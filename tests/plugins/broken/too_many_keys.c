/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-29: it has 1,001 keys, is refused the last, and returns success without it. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  const kist_record record = record_of(request->id, "a secret");
  store->host->secret_begin(call, &record);
  for (int i = 0; i < 1001; ++i) {
    const char key[] = {(char)('0' + i / 1000), (char)('0' + i / 100 % 10),
                        (char)('0' + i / 10 % 10), (char)('0' + i % 10), '\0'};
    send_value(store, call, key, text(""));
  }
  return KIST_OK;
}

MINIMAL_PLUGIN(.get_secret = get);
