/* SPDX-License-Identifier: Apache-2.0
 *
 * KP-29: it returns success without a secret. */
#include "minimal_plugin.h"

static kist_status get(kist_store* store, kist_call* call, const kist_get_request* request) {
  (void)store;
  (void)call;
  (void)request;
  return KIST_OK;
}

MINIMAL_PLUGIN(.get_secret = get);
