/* SPDX-License-Identifier: Apache-2.0
 *
 * AT-23: it gives a secret, then fails: the failure counts. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  good_get(store, call, request);
  return fail(store, call, KIST_CORRUPT, "the second half is damaged");
}

MINIMAL_PLUGIN(.get_secret = get);
