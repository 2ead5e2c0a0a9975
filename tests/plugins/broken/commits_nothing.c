/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-29: it commits a value that it has not reserved. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  good_get(store, call, request);
  store->host->value_commit(call, 0);
  return KIST_OK;
}

MINIMAL_PLUGIN(.get_secret = get);
