/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-29: its keys are not in ascending order. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  const kist_record record = record_of(request->id, "a secret");
  store->host->secret_begin(call, &record);
  send_value(store, call, "user", text("alice"));
  send_value(store, call, "password", text("correct horse"));
  return KIST_OK;
}

MINIMAL_PLUGIN(.get_secret = get);
