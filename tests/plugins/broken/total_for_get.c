/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-29: it gives a total to who asks for one secret. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  store->host->list_total(call, 1);
  return good_get(store, call, request);
}

MINIMAL_PLUGIN(.get_secret = get);
