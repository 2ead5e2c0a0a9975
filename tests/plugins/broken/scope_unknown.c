/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-29: a secret of no known scope. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  kist_record record = record_of(request->id, "a secret");
  record.scope = 3;
  send_secret(store, call, &record);
  return KIST_OK;
}

MINIMAL_PLUGIN(.get_secret = get);
