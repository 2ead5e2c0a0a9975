/* SPDX-License-Identifier: Apache-2.0
 *
 * It fails without an error. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  (void)request;
  return store->host->fail(call, KIST_UNAVAILABLE, NULL);
}

MINIMAL_PLUGIN(.get_secret = get);
