/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-17: it fails with KIST_OK. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  (void)request;
  fail(store, call, KIST_OK, "all is well");
  return KIST_INTERNAL;
}

MINIMAL_PLUGIN(.get_secret = get);
