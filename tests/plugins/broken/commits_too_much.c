/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-29: it commits more bytes than it has reserved. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  const kist_record record = record_of(request->id, "a secret");
  store->host->secret_begin(call, &record);
  store->host->value_reserve(call, text("user"), 5);
  store->host->value_commit(call, SIZE_MAX);
  return KIST_OK;
}

MINIMAL_PLUGIN(.get_secret = get);
